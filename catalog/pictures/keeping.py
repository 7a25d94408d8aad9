"""The only writer of `Picture` and of its files."""

import datetime
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from catalog.models import Item, Picture
from catalog.pictures import images
from catalog.pictures.providers import Found, Provider

EDITOR = "editor"
MOST_TRIES = 5
_NOTHING = {"file": "", "width": 0, "height": 0, "attribution": "", "source_page": "", "error": ""}


def keep_found(
    *,
    item: Item,
    seen: Picture | None,
    provider: Provider,
    found: Found,
    picture: images.Prepared,
    now: datetime.datetime,
) -> bool:
    """`seen` is the item's row as it was read; False, and nothing kept, if it has changed since."""
    name = _store(item, picture)
    written = _write(
        item,
        seen,
        status=Picture.Status.FOUND,
        provider=provider.name,
        file=name,
        width=picture.width,
        height=picture.height,
        attribution=provider.attribution,
        source_page=found.page,
        tried_at=now,
        tries=1,
        error="",
    )
    if not written:
        default_storage.delete(name)
    return written


def keep_missing(
    *, item: Item, seen: Picture | None, provider: Provider, now: datetime.datetime
) -> bool:
    """The provider has no picture that is surely the item's."""
    status = Picture.Status.MISSING
    values = {"status": status, "provider": provider.name, "tried_at": now, "tries": 1}
    return _write(item, seen, **_NOTHING | values)


def keep_failed(
    *, item: Item, seen: Picture | None, provider: Provider, error: str, now: datetime.datetime
) -> bool:
    """One more try in vain; the last of them counts as missing, with what went wrong."""
    tries = seen.tries + 1 if seen and seen.status == Picture.Status.FAILED else 1
    status = Picture.Status.FAILED
    if tries >= MOST_TRIES:
        status, error = Picture.Status.MISSING, f"Given up after {tries} tries: {error}"
    values = {"status": status, "provider": provider.name, "tried_at": now, "tries": tries}
    return _write(item, seen, **_NOTHING | values | {"error": error[:300]})


@transaction.atomic
def keep_upload(
    *, item: Item, data: bytes, attribution: str, source_page: str, now: datetime.datetime
) -> Picture:
    """An editor's own picture, in the place of any other. Raises images.NotAPictureError."""
    picture = images.prepared(data)
    _delete_files(Picture.objects.filter(item=item))
    values = {
        "status": Picture.Status.FOUND,
        "provider": EDITOR,
        "file": _store(item, picture),
        "width": picture.width,
        "height": picture.height,
        "attribution": attribution,
        "source_page": source_page,
        "tried_at": now,
        "tries": 1,
        "error": "",
    }
    kept, _ = Picture.objects.update_or_create(item=item, defaults=values)
    return kept


@transaction.atomic
def use_drawn(*, pictures: Iterable[Picture], now: datetime.datetime) -> int:
    """The drawn cover from now on, whatever a provider has. How many were changed."""
    chosen = list(pictures)
    _delete_files(chosen)
    for picture in chosen:
        values = {"status": Picture.Status.MISSING, "provider": EDITOR, "tried_at": now}
        for name, value in (_NOTHING | values).items():
            setattr(picture, name, value)
        picture.save()
    return len(chosen)


@transaction.atomic
def forget(*, pictures: Iterable[Picture]) -> int:
    """As if the items had never been asked about. How many were forgotten."""
    chosen = list(pictures)
    _delete_files(chosen)
    for picture in chosen:
        picture.delete()
    return len(chosen)


def _write(item: Item, seen: Picture | None, **values: Any) -> bool:
    """Writes the row if it is still as it was seen: an editor may have been here meanwhile.

    Says nothing to the catalogue's revision: a run does so once, at its end.
    """
    try:
        with transaction.atomic():
            if seen is None:
                Picture.objects.bulk_create([Picture(item=item, **values)])
                return True
            unchanged = Picture.objects.filter(
                pk=seen.pk, tried_at=seen.tried_at, status=seen.status
            )
            return unchanged.update(**values) == 1
    except IntegrityError:  # somebody else wrote the row first, or the item is gone
        return False


def _store(item: Item, picture: images.Prepared) -> str:
    """The name that the storage gave it. Other bytes have another name: caches let go."""
    digest = blake2b(picture.data, digest_size=6).hexdigest()
    name = f"pictures/{item.pk}-{digest}.{images.EXTENSION}"
    return str(default_storage.save(name, ContentFile(picture.data)))


def _delete_files(pictures: Iterable[Picture]) -> None:
    """After the commit: until then the rows still name them."""
    for name in [picture.file.name for picture in pictures if picture.file.name]:
        transaction.on_commit(lambda name=name: default_storage.delete(name))  # type: ignore[misc]
