"""A taste as pictures and words, for the page of its owner."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.charts import Bar, Bars, Mark, Part, Ridge, Ridges, Stack, Tick
from catalog.insights import links
from catalog.models import Kind
from catalog.wording import percent, plural, whole
from sessions_app.taste import Named, Period, Taste, Word

_DATES = 6  # named below the waves, at most


@dataclass(frozen=True)
class TastePictures:
    """`words` are themes and moods in one table: (name, what it is, counts, total)."""

    taste: Taste
    says: str
    over_time: SafeString
    kinds: SafeString
    genres: SafeString | None
    creators: SafeString | None
    periods: list[str]
    words: list[tuple[Word, str]]


def pictures_of(taste: Taste) -> TastePictures | None:
    """None while the taste is not open yet."""
    if not taste.is_open:
        return None
    return TastePictures(
        taste=taste,
        says=_says(taste),
        over_time=_over_time(taste),
        kinds=_kinds(taste),
        genres=_bars(_("Genres"), taste.genres, _genre_page),
        creators=_bars(_("People"), taste.creators, links.person),
        periods=[_period_name(period, by_week=taste.by_week) for period in taste.periods],
        words=[
            *((word, _("theme")) for word in taste.themes),
            *((word, _("mood")) for word in taste.moods),
        ],
    )


def _says(taste: Taste) -> str:
    """One sentence, made of what was counted."""
    if not taste.themes:
        return _("What you opened has no themes yet.")
    theme = taste.themes[0].name
    if not taste.moods:
        return _("Most of what you opened is about %(theme)s.") % {"theme": theme}
    return _("%(theme)s comes up most, and the mood is mostly %(mood)s.") % {
        "theme": theme[:1].upper() + theme[1:],
        "mood": taste.moods[0].name,
    }


def _over_time(taste: Taste) -> SafeString:
    ridges = [_ridge(word, taste, "ridge--theme") for word in taste.themes]
    ridges += [_ridge(word, taste, "ridge--mood") for word in taste.moods]
    return Ridges(_("Themes and moods over time"), ridges, _dates(taste.periods)).svg()


def _ridge(word: Word, taste: Taste, css: str) -> Ridge:
    values = []
    for period, count in zip(taste.periods, word.counts, strict=True):
        told = _("%(period)s: %(word)s in %(count)s of %(steps)s titles") % {
            "period": _period_name(period, by_week=taste.by_week),
            "word": word.name,
            "count": count,
            "steps": period.steps,
        }
        values.append((float(count), Mark(told)))
    shown = ngettext("%(count)s title", "%(count)s titles", word.total) % {
        "count": whole(word.total)
    }
    return Ridge(word.name, shown, css, values)


def _period_name(period: Period, *, by_week: bool) -> str:
    if by_week:
        return _("Week of %(day)s") % {"day": date_format(period.day, "DATE_FORMAT")}
    return _("Visit of %(day)s") % {"day": date_format(period.day, "DATE_FORMAT")}


def _dates(periods: Sequence[Period]) -> list[Tick]:
    """A few days below the waves; on a narrow page every second one of them."""
    every = max(-(-len(periods) // _DATES), 1)
    places = range(0, len(periods), every)
    return [
        Tick((n + 0.5) / len(periods), _day(periods[n].day), minor=bool(place % 2))
        for place, n in enumerate(places)
    ]


def _day(day: datetime.date) -> str:
    return str(date_format(day, "j M"))


def _kinds(taste: Taste) -> SafeString:
    parts = []
    for kind in taste.kinds:
        share = kind.steps / taste.steps if taste.steps else 0.0
        shown = ngettext("%(count)s step, %(share)s", "%(count)s steps, %(share)s", kind.steps) % {
            "count": whole(kind.steps),
            "share": percent(share, 0),
        }
        parts.append(Part(plural(Kind(kind.name)), kind.steps, shown, f"stack__part--{kind.name}"))
    return Stack(_("Kinds"), parts).svg()


def _genre_page(slug: str) -> str:
    return reverse("catalog:genre", args=[slug])


def _bars(label: str, named: Sequence[Named], page_of: Callable[[str], str]) -> SafeString | None:
    if not named:
        return None
    bars = []
    for one in named:
        shown = ngettext("%(count)s step", "%(count)s steps", one.steps) % {
            "count": whole(one.steps)
        }
        bars.append(
            Bar(one.name, one.steps, shown, Mark(f"{one.name}: {shown}", page_of(one.slug)))
        )
    return Bars(label, bars).svg()
