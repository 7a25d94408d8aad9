"""What pages need of a picture: its address, its size, and whom to credit."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Item, Picture
from catalog.pictures.keeping import EDITOR
from catalog.pictures.providers import PROVIDERS


@dataclass(frozen=True)
class Source:
    """Whose pictures are shown: `sentence` is what its terms want to be said; `site` may be ""."""

    label: str
    site: str
    sentence: str
    count: int


def picture_of(item: Item) -> Picture | None:
    """The picture to show instead of the drawn cover. Costs no query after `with_cards`."""
    picture: Picture | None = getattr(item, "picture", None)
    if picture is None or picture.status != Picture.Status.FOUND or not picture.file:
        return None
    return picture


def version_of(picture: Picture) -> str:
    """Another picture has another version: it names the file, which names its bytes."""
    return PurePosixPath(picture.file.name or "").stem


def picture_url(item: Item, picture: Picture) -> str:
    """On our own origin: a visitor's browser asks nobody else."""
    return f"{reverse('catalog:picture', args=[item.item_id])}?v={version_of(picture)}"


def sources() -> list[Source]:
    """The providers, and the editors, of whom a picture is shown now; one query."""
    shown = Picture.objects.filter(status=Picture.Status.FOUND).values_list("provider")
    counts = dict(shown.order_by().annotate(count=Count("pk")))
    found = [
        Source(provider.label, provider.site, provider.attribution, counts[provider.name])
        for provider in PROVIDERS
        if provider.name in counts
    ]
    if EDITOR in counts:
        sentence = _("Pictures of their own, each credited on the page of its work.")
        found.append(Source(_("The editors of this site"), "", sentence, counts[EDITOR]))
    return found
