"""A table as a download: it starts at once and is sent while it is read."""

from django.http import StreamingHttpResponse
from django.utils import timezone

from catalog.tables import FORMATS, Layout, Rows


def download(layout: Layout, rows: Rows, *, format: str) -> StreamingHttpResponse:
    """`format` is a key of `FORMATS`. The file is named after the table and the day."""
    chosen = FORMATS[format]
    response = StreamingHttpResponse(
        chosen.pieces(layout, rows),
        content_type=chosen.content_type,
        headers={"Cache-Control": "no-store"},
    )
    name = file_name(layout, format)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def file_name(layout: Layout, format: str) -> str:
    return f"{layout.name}-{timezone.now():%Y-%m-%d}.{format}"
