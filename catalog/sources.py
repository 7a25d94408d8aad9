"""The three public sources: which columns they have and how their rows become ours."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from catalog import cleaning as clean
from catalog.models import Kind, Role
from catalog.reading import Table, open_table
from catalog.rows import (
    BookRow,
    CreditEntry,
    MovieRow,
    Row,
    TrackRow,
    book_id,
    movie_id,
    music_id,
)

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CleanRow:
    """A row that can be imported, with the cells that it was made from."""

    row: Row
    values: Values


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A row that cannot be imported, and why."""

    values: Values
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """One source: `clean` turns the cells of a row into a `Row` or raises `BadCellError`."""

    kind: Kind
    name: str
    hub_name: str
    columns: tuple[str, ...]
    clean: Callable[[Values], Row]

    def open(self, location: str) -> Table:
        """Looks the file over; raises `reading.SourceError` when it cannot be imported."""
        return open_table(location, self.columns)

    def rows(self, table: Table) -> Iterator[CleanRow | FailedRow]:
        """Every row of the file, in its order, clean or failed with a reason."""
        for raw in table.rows():
            if raw.problem:
                yield FailedRow(raw.values, raw.problem)
                continue
            try:
                row = self.clean(raw.values)
            except clean.BadCellError as error:
                yield FailedRow(raw.values, str(error))
            else:
                yield CleanRow(row, raw.values)


def clean_movie(cells: Values) -> MovieRow:
    date = clean.date_month_first(cells["date_x"], "date_x")
    score = clean.known(clean.number(cells["score"], "score", 0, 100))
    return MovieRow(
        item_id=movie_id(cells["orig_title"], cells["date_x"], cells["overview"]),
        title=clean.required_line(cells["names"], "names", 500),
        description=clean.text(cells["overview"]),
        year=date.year if date else None,
        release_date=date,
        language=clean.line(cells["orig_lang"], "orig_lang", 120),
        country=clean.line(cells["country"], "country", 80),
        popularity=score,
        genres=clean.movie_genres(cells["genre"]),
        credits=credited(clean.crew_people(cells["crew"]), Role.ACTOR),
        original_title=clean.line(cells["orig_title"], "orig_title", 500),
        status=clean.line(cells["status"], "status", 40),
        score=score,
        budget=clean.known(clean.number(cells["budget_x"], "budget_x", 0, 1e12)),
        revenue=clean.known(clean.number(cells["revenue"], "revenue", 0, 1e12)),
    )


def clean_track(cells: Values) -> TrackRow:
    empty = [name for name in ("artists", "album_name", "track_name") if not cells[name].strip()]
    if empty:
        raise clean.BadCellError(f"the track has no {', '.join(empty)}")

    def share(column: str) -> float | None:
        return clean.number(cells[column], column, 0, 1)

    key = clean.whole_number(cells["key"], "key", -1, 11)
    track_id = clean.required_line(cells["track_id"], "track_id", 40)
    artists = clean.split_names(cells["artists"], ";", "artists", 300)
    return TrackRow(
        item_id=music_id(track_id),
        title=clean.required_line(cells["track_name"], "track_name", 500),
        popularity=clean.number(cells["popularity"], "popularity", 0, 100),
        genres=clean.split_names(cells["track_genre"], ";", "track_genre", 80),
        credits=credited(artists, Role.ARTIST),
        track_id=track_id,
        album=clean.line(cells["album_name"], "album_name", 500),
        duration_minutes=clean.minutes(cells["duration_ms"], "duration_ms"),
        explicit=clean.boolean(cells["explicit"], "explicit"),
        danceability=share("danceability"),
        energy=share("energy"),
        key=None if key == -1 else key,  # -1: no key was detected
        loudness=clean.number(cells["loudness"], "loudness", -100, 50),
        mode=clean.whole_number(cells["mode"], "mode", 0, 1),
        speechiness=share("speechiness"),
        acousticness=share("acousticness"),
        instrumentalness=share("instrumentalness"),
        liveness=share("liveness"),
        valence=share("valence"),
        tempo=clean.known(clean.number(cells["tempo"], "tempo", 0, 1000)),
        time_signature=clean.whole_number(cells["time_signature"], "time_signature", 0, 32),
    )


def clean_book(cells: Values) -> BookRow:
    num_ratings = clean.count_with_commas(cells["Num_Ratings"], "Num_Ratings")
    author = clean.line(cells["Author"], "Author", 300)
    return BookRow(
        item_id=book_id(cells["Book"], cells["Author"]),
        title=clean.required_line(cells["Book"], "Book", 500),
        description=clean.book_description(cells["Description"]),
        popularity=clean.book_popularity(num_ratings),
        genres=clean.list_literal(cells["Genres"], "Genres"),
        credits=credited((author,) if author else (), Role.AUTHOR),
        rating=clean.known(clean.number(cells["Avg_Rating"], "Avg_Rating", 0, 5)),
        num_ratings=num_ratings,
        url=clean.line(cells["URL"], "URL", 500),
    )


def credited(names: tuple[str, ...], role: Role) -> tuple[CreditEntry, ...]:
    return tuple(CreditEntry(name, role.value) for name in names)


MOVIES = Source(
    kind=Kind.MOVIE,
    name="imdb",
    hub_name="ExecuteAutomation/ImdbMovieDataSet",
    columns=(
        "names",
        "date_x",
        "score",
        "genre",
        "overview",
        "crew",
        "orig_title",
        "status",
        "orig_lang",
        "budget_x",
        "revenue",
        "country",
    ),
    clean=clean_movie,
)
TRACKS = Source(
    kind=Kind.TRACK,
    name="spotify",
    hub_name="maharshipandya/spotify-tracks-dataset",
    columns=(
        "track_id",
        "artists",
        "album_name",
        "track_name",
        "popularity",
        "duration_ms",
        "explicit",
        "danceability",
        "energy",
        "key",
        "loudness",
        "mode",
        "speechiness",
        "acousticness",
        "instrumentalness",
        "liveness",
        "valence",
        "tempo",
        "time_signature",
        "track_genre",
    ),
    clean=clean_track,
)
BOOKS = Source(
    kind=Kind.BOOK,
    name="goodreads",
    hub_name="Eitanli/goodreads",
    columns=(
        "Book",
        "Author",
        "Description",
        "Genres",
        "Avg_Rating",
        "Num_Ratings",
        "URL",
    ),
    clean=clean_book,
)
SOURCES: Mapping[str, Source] = {source.kind.value: source for source in (MOVIES, TRACKS, BOOKS)}
