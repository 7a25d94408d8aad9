"""The whole catalogue in one file, and back: what `import_archive` makes of it is what was there.

An archive is a .zip of CSV tables, one a model, and a manifest with the number of rows and the
checksum of each (docs/adr/0018-exports-and-the-archive.md).
"""

from catalog.archive.checking import ArchiveError
from catalog.archive.importing import import_archive
from catalog.archive.writing import write_archive

__all__ = ["ArchiveError", "import_archive", "write_archive"]
