"""What a visitor chose to see: years, and how single charts are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.models import Kind

EARLIEST, LATEST = -3000, 3000


@dataclass(frozen=True, slots=True)
class Selection:
    """`kinds`: empty for all of them. `choices`: (chart, option) pairs in the order of their
    names, none of them a default."""

    first: int | None = None
    last: int | None = None
    kinds: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    problem: str = field(default="", compare=False)

    def chosen(self, chart: str, default: str) -> str:
        return dict(self.choices).get(chart, default)

    def with_choice(self, chart: str, option: str, default: str) -> "Selection":
        left = {name: value for name, value in self.choices if name != chart}
        if option != default:
            left[chart] = option
        return replace(self, choices=tuple(sorted(left.items())))

    @property
    def query(self) -> str:
        """The address after the path: "?from=1990&to=1999", or nothing."""
        kinds = [("kind", kind) for kind in self.kinds]
        pairs = [("from", self.first), ("to", self.last), *kinds, *self.choices]
        given = [(name, str(value)) for name, value in pairs if value is not None]
        return f"?{urlencode(given)}" if given else ""

    @property
    def words(self) -> str:
        """ " from 1990 to 1999", to follow a noun; nothing for all years."""
        if self.first is None and self.last is None:
            return ""
        if self.first == self.last:
            return f" of {self.first}"
        start = f" from {self.first}" if self.first is not None else ""
        end = f" {'to' if start else 'up to'} {self.last}" if self.last is not None else ""
        return start + end


def selection_from(data: QueryDict, options: Mapping[str, tuple[str, ...]]) -> Selection:
    """The choice in an address. `options`: chart → what it can be drawn by, the default first.

    What cannot be read is left out, and `problem` says so in a sentence.
    """
    first, first_problem = _year(data.get("from", ""))
    last, last_problem = _year(data.get("to", ""))
    problem = first_problem or last_problem
    if first is not None and last is not None and first > last:
        problem = _("%(first)s comes after %(last)s; all years are shown.") % {
            "first": first,
            "last": last,
        }
        first = last = None
    asked = [(chart, data.get(chart), known[1:]) for chart, known in sorted(options.items())]
    choices = [(chart, option) for chart, option, known in asked if option in known]
    wanted = data.getlist("kind")
    kinds = tuple(kind for kind in Kind.values if kind in wanted)
    return Selection(first, last, kinds if len(kinds) < len(Kind) else (), tuple(choices), problem)


def _year(text: str) -> tuple[int | None, str]:
    stripped = text.strip()
    if not stripped:
        return None, ""
    try:
        year = int(stripped)
    except ValueError:
        return None, _("“%(text)s” is not a year and was left out.") % {"text": stripped[:40]}
    if not EARLIEST <= year <= LATEST:
        values = {"text": stripped[:40], "first": EARLIEST, "last": LATEST}
        return None, _("%(text)s is outside %(first)s to %(last)s and was left out.") % values
    return year, ""
