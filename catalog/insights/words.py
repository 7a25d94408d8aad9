"""How the insights say numbers and lists."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.models import Kind
from catalog.wording import how_many, percent, whole

# The name of the column that counts a kind's items in downloads: the same in every language.
COLUMN = {Kind.MOVIE: "movies", Kind.TRACK: "tracks", Kind.BOOK: "books"}


def with_commas(number: float) -> str:
    return whole(number)


def decimal(value: float, places: int = 2) -> str:
    """0.5 → "0.50", with a minus sign that is one."""
    return number_format(f"{value:.{places}f}").replace("-", "−")


def shares_as(share: float) -> str:
    """0.3812 → "38 %", 0.0431 → "4.3 %"; the space does not break."""
    in_hundred = 100 * share
    if in_hundred == 0:
        return percent(0, 0)
    if in_hundred < 0.1:
        return _("under %(share)s") % {"share": percent(0.001)}
    if 99.5 <= in_hundred < 100:
        return _("over %(share)s") % {"share": percent(0.99, 0)}
    return percent(share, 1 if in_hundred < 10 else 0)


def counted(number: int, kind: Kind) -> str:
    """ "1 movie", "3,812 movies"."""
    return how_many(kind, number)


def sentence(text: str) -> str:
    """With a capital first: a genre's name may begin with a small letter."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """ "Drama, Comedy and Action"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
