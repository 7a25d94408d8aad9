"""Small source files for tests: rows in the shape of the three sources, invented by us."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

Cells = dict[str, str]


def movie(**changes: str) -> Cells:
    return {
        "names": "The Lantern",
        "date_x": "03/02/2021 ",
        "score": "73.0",
        "genre": "Drama,\u00a0Mystery",
        "overview": "A keeper of a lighthouse, alone, finds a second light.",
        "crew": "Ada Moor, The Keeper, Ben Lisle, Young Keeper",
        "orig_title": "The Lantern",
        "status": " Released",
        "orig_lang": " English",
        "budget_x": "75000000.0",
        "revenue": "271616668.0",
        "country": "AU",
    } | changes


def track(**changes: str) -> Cells:
    return {
        "": "0",
        "track_id": "t1",
        "artists": "Nera;Oslo Ten",
        "album_name": "Quay",
        "track_name": "Low Water",
        "popularity": "41",
        "duration_ms": "150000",
        "explicit": "False",
        "danceability": "0.2",
        "energy": "0.2",
        "key": "1",
        "loudness": "-6.7",
        "mode": "0",
        "speechiness": "0.03",
        "acousticness": "0.9",
        "instrumentalness": "1.01e-06",
        "liveness": "0.1",
        "valence": "0.1",
        "tempo": "87.9",
        "time_signature": "4",
        "track_genre": "folk",
    } | changes


def book(**changes: str) -> Cells:
    return {
        "": "0",
        "Book": "Salt Roads",
        "Author": "I. Varga",
        "Description": 'She said: "go",\nand went.',
        "Genres": "['Classics', 'Fiction']",
        "Avg_Rating": "4.27",
        "Num_Ratings": "5,691,311",
        "URL": "https://books.example/1",
    } | changes


def write_csv(path: Path, rows: Iterable[Mapping[str, str]], encoding: str = "utf-8") -> str:
    """Writes the rows; returns the path as the importer takes it."""
    entries = list(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(entries[0]))
        writer.writeheader()
        writer.writerows(entries)
    return str(path)
