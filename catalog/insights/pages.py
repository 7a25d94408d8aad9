"""Which charts stand on which page, and the one way to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from catalog.insights import across, books, health, movies, music
from catalog.insights.chart import Chart, LeftOut
from catalog.insights.drawn import Drawn
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf, shelf
from catalog.models import Kind

REMEMBERED = 24  # pages as they were drawn, some 300 KB each


@dataclass(frozen=True, slots=True)
class Page:
    """`options`: chart → what it can be drawn by, the default first. `names`: the charts."""

    slug: str
    title: Promise
    about: Promise
    kinds: tuple[Kind, ...]
    names: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]
    draw: Callable[[Sequence[Shelf], Selection], list[Chart]]


def _of_one(
    charts: Callable[[Shelf, Selection], list[Chart]],
) -> Callable[[Sequence[Shelf], Selection], list[Chart]]:
    return lambda shelves, selection: charts(shelves[0], selection)


PAGES: dict[str, Page] = {
    page.slug: page
    for page in (
        Page(
            "movies", gettext_lazy("Movies"),
            gettext_lazy("Genres, years, money, people and scores."), (Kind.MOVIE,),
            ("movie-genres", "movie-people", "movie-releases", "movie-scores", "movie-money",
             "movie-top-revenue", "movie-correlations"),
            movies.OPTIONS, _of_one(movies.charts),
        ),
        Page(
            "music", gettext_lazy("Music"),
            gettext_lazy("Popularity, genres and sound."), (Kind.TRACK,),
            ("music-popularity", "music-genres", "music-dance-energy", "music-correlations"),
            music.OPTIONS, _of_one(music.charts),
        ),
        Page(
            "books", gettext_lazy("Books"),
            gettext_lazy("Ratings, genres and authors."), (Kind.BOOK,),
            ("book-ratings", "book-most-rated", "book-genres", "book-authors"),
            books.OPTIONS, _of_one(books.charts),
        ),
        Page(
            "across", gettext_lazy("Across kinds"),
            gettext_lazy("What movies, music and books share, and where they part."),
            tuple(Kind), ("themes-by-kind", "decades-by-kind", "moods-by-kind"),
            across.OPTIONS, across.charts,
        ),
    )
}  # fmt: skip
HEALTH = (*health.NAMES.values(), "imports")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page's charts, and the first and last year that can be chosen, where any is known."""

    charts: list[Chart]
    years: tuple[int, int] | None


_drawn: Drawn[Shown] = Drawn(REMEMBERED)


def show(page: Page, selection: Selection) -> Shown:
    """What was selected of a page, with pictures and tables ready.

    In the language of the visitor. A warm page costs one small query a kind; a changed catalogue
    is read anew by `shelf`.
    """
    kinds = [kind for kind in page.kinds if not selection.kinds or kind.value in selection.kinds]
    shelves = [shelf(kind.value) for kind in kinds]
    key = (get_language(), page.slug, selection, *(one.serial for one in shelves))
    return _drawn.get(key, lambda: _draw(page, shelves, selection))


def _draw(page: Page, shelves: Sequence[Shelf], selection: Selection) -> Shown:
    known = [one.years for one in shelves if len(one.years)]
    years = None
    if known:
        years = min(int(one.min()) for one in known), max(int(one.max()) for one in known)
    chosen = [one.within(selection.first, selection.last) for one in shelves]
    drawn = page.draw(chosen, selection)
    if len(page.kinds) == 1:  # a chart across kinds says it for each of them
        undated = LeftOut(chosen[0].undated, _("without a known year"))
        drawn = [replace(chart, left_out=[*chart.left_out, undated]) for chart in drawn]
    for chart in drawn:
        _made = chart.picture, chart.table
    return Shown(drawn, years)


def chart(name: str, selection: Selection) -> Chart | None:
    """One chart by its name, for a download; None where there is none of that name.

    In the language of the site, whoever asks: what programs read stays as it is.
    """
    with override(settings.LANGUAGE_CODE):
        if name in HEALTH:
            found = [*health.charts(staff=False), health.runs_chart()]
        else:
            page = page_of(name)
            found = show(page, selection).charts if page else []
        return next((chart for chart in found if chart.name == name), None)


def page_of(name: str) -> Page | None:
    return next((page for page in PAGES.values() if name in page.names), None)
