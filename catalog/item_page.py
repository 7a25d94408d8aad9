"""What an item's page tells about it, beyond its card, from the catalogue alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.cleaning import NO_DESCRIPTION
from catalog.columns import KINDS, Columns
from catalog.columns_reading import columns
from catalog.models import Book, Creator, Item, Kinship, Movie, Role, Track
from catalog.sound import Sound, sound_of
from catalog.wording import ROLE_HEADINGS, Kin, clock, dollars, kinship_phrase, whole

ROWS = (12, 8, 6)  # what columns divide: a row's last line does not end half empty
LEAST_IN_A_ROW = 4  # fewer stand in a list: a row that ends at once looks broken
OF_EACH_KIND = 2  # of a creator's other kinds, before the best known fill the row
LONG = 650  # characters of a description, before the rest waits to be asked for

_KEYS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"]
_MODES = {1: gettext_lazy("%(key)s major"), 0: gettext_lazy("%(key)s minor")}


@dataclass(frozen=True)
class Facts:
    """`lines` are (label, text); `credits` are (heading, people); `link` is the source's page."""

    lines: list[tuple[str, str]]
    credits: list[tuple[str, list[Creator]]]
    link: str


@dataclass(frozen=True)
class Works:
    """Other works of the people under a title, the best known first, of every kind.

    `with_them`: they acted in it, and so do not call it theirs.
    """

    people: list[Creator]
    items: list[Item]
    with_them: bool

    @property
    def is_row(self) -> bool:
        return len(self.items) >= LEAST_IN_A_ROW

    @property
    def kind(self) -> str:
        """The one kind of all of them, "" where there are several."""
        kinds = {work.kind for work in self.items}
        return kinds.pop() if len(kinds) == 1 else ""

    @property
    def names(self) -> str:
        return ", ".join(person.name for person in self.people)


@dataclass(frozen=True)
class ItemPage:
    """`opening` and `rest` are the description; `rest` is empty unless it is long."""

    item: Item
    facts: Facts
    sound: Sound | None
    kin: list[Kin]
    works: Works | None
    opening: str
    rest: str

    @property
    def shown(self) -> str:
        """Public ids of what stands here already: a title has one place on a page."""
        beside = [kin.item for kin in self.kin] + (self.works.items if self.works else [])
        return ",".join(item.item_id for item in (self.item, *beside))


def page_of(item: Item) -> ItemPage:
    """Give an item with its cards' data, aliases and its kind's own row (see `for_page`)."""
    # The other works come with their cards below.
    kinships = list(Kinship.objects.touching(item).select_related(None))
    kin_keys = {key for one in kinships for key in (one.origin_id, one.derived_id)} - {item.pk}
    people = item.billed
    work_keys = _other_works(columns.get(), item, people, kin_keys) if people else []
    cards = Item.objects.with_cards().in_bulk({*kin_keys, *work_keys})
    works = [cards[key] for key in work_keys if key in cards]
    told = item.description if item.description != NO_DESCRIPTION else ""
    opening, rest = opening_of(told)
    return ItemPage(
        item=item,
        facts=_facts_of(item),
        sound=_sound(item),
        kin=_kin(kinships, item, cards),
        works=Works(people, works, _is_acted(item, people)) if works else None,
        opening=opening,
        rest=rest,
    )


def for_page(item_id: str) -> Item | None:
    """The item with everything of its own that its page shows, in four queries."""
    kinds = Item.objects.select_related("movie", "track", "book")
    return kinds.with_cards().prefetch_related("aliases").filter(item_id=item_id).first()


def opening_of(text: str) -> tuple[str, str]:
    """The beginning of a long text up to the end of a sentence or word, and the rest."""
    if len(text) <= LONG * 1.3:
        return text, ""
    for mark in ("\n", ". ", "! ", "? ", "” ", " "):
        at = text.rfind(mark, LONG // 2, LONG)
        if at > 0:
            return text[: at + len(mark)].rstrip(), text[at + len(mark) :].lstrip()
    return text, ""


# --- Facts ----------------------------------------------------------------------------------


def _facts_of(item: Item) -> Facts:
    lines: list[tuple[str, str]] = []
    link = ""
    match getattr(item, item.kind, None):
        case Movie() as movie:
            lines = _movie(movie)
        case Track() as track:
            lines = _track(track)
        case Book() as book:
            lines, link = _book(book), book.url
    lines.insert(0, (_("Also known as"), "; ".join(alias.name for alias in item.aliases.all())))
    return Facts([line for line in lines if line[1]], _credits(item), link)


def _movie(movie: Movie) -> list[tuple[str, str]]:
    original = movie.original_title if movie.original_title != movie.title else ""
    released = date_format(movie.release_date, "DATE_FORMAT") if movie.release_date else ""
    return [
        (_("Original title"), original),
        (_("Released"), released),
        (_("Score"), _of_hundred(movie.score)),
        (_("Budget"), dollars(movie.budget)),
        (_("Revenue"), dollars(movie.revenue)),
        (_("Status"), movie.status if movie.status != "Released" else ""),
    ]


def _track(track: Track) -> list[tuple[str, str]]:
    tempo = number_format(round(track.tempo)) if track.tempo else ""
    return [
        (_("Album"), track.album if track.album != track.title else ""),
        (_("Length"), clock(track.duration_minutes)),
        (_("Tempo"), _("%(count)s beats a minute") % {"count": tempo} if tempo else ""),
        (_("Key"), _key(track)),
        (_("Words"), _("Explicit") if track.explicit else ""),
        (_("Popularity"), _of_hundred(track.popularity)),
    ]


def _key(track: Track) -> str:
    if track.key is None or not 0 <= track.key < len(_KEYS):
        return ""
    key = _KEYS[track.key]
    return str(_MODES[track.mode] % {"key": key}) if track.mode in _MODES else key


def _book(book: Book) -> list[tuple[str, str]]:
    if not book.rating:
        return [(_("Average rating"), "")]
    values = {"rating": number_format(book.rating, 2), "count": whole(book.num_ratings or 0)}
    rated = (
        _("%(rating)s of 5, from %(count)s ratings") if book.num_ratings else _("%(rating)s of 5")
    )
    return [(_("Average rating"), rated % values)]


def _of_hundred(value: float | None) -> str:
    """Nothing for 0: the sources write it for what they do not know."""
    return _("%(value)s of 100") % {"value": number_format(round(value))} if value else ""


def _credits(item: Item) -> list[tuple[str, list[Creator]]]:
    groups = [
        (str(heading), [credit.creator for credit in item.credits.all() if credit.role == role])
        for role, heading in ROLE_HEADINGS.items()
    ]
    return [(heading, people) for heading, people in groups if people]


def _sound(item: Item) -> Sound | None:
    track: Track | None = getattr(item, "track", None) if item.kind == "track" else None
    return sound_of(track, list(item.genres.all())) if track is not None else None


# --- Other works ----------------------------------------------------------------------------


def _kin(kinships: list[Kinship], item: Item, cards: dict[int, Item]) -> list[Kin]:
    """A work that is joined twice stands here once."""
    found: dict[int, Kin] = {}
    for one in kinships:
        looking_back = one.derived_id == item.pk
        other = cards.get(one.origin_id if looking_back else one.derived_id)
        if other is not None:
            one.derived, one.origin = (item, other) if looking_back else (other, item)
            found.setdefault(other.pk, Kin(kinship_phrase(one, item), other))
    return list(found.values())


def _is_acted(item: Item, people: list[Creator]) -> bool:
    keys = {person.pk for person in people}
    roles = {credit.role for credit in item.credits.all() if credit.creator_id in keys}
    return roles == {Role.ACTOR}


def _other_works(
    held: Columns, item: Item, creators: Iterable[Creator], kin: Collection[int]
) -> list[int]:
    """Primary keys of what these people made, under whichever spelling of their names.

    A creator with one famous kind keeps a place for the others.
    """
    people = held.tags["creator"]
    codes = [people.words.find(creator.name_key) for creator in creators]
    theirs = [people.codes == code for code in codes if code is not None]
    if not theirs:
        return []
    # Items are numbered by renown: in the order of numbers the best known come first.
    numbers = np.unique(people.rows[reduce(np.logical_or, theirs)])
    keys = held.pks[numbers]
    numbers = numbers[~np.isin(keys, [item.pk, *kin])]
    size = next((size for size in ROWS if size <= len(numbers)), len(numbers))
    kinds = held.kinds[numbers]
    kept = {int(n) for place in range(len(KINDS)) for n in numbers[kinds == place][:OF_EACH_KIND]}
    for number in numbers.tolist():
        if len(kept) >= size:
            break
        kept.add(number)
    chosen: list[int] = held.pks[sorted(kept)].tolist()
    return chosen
