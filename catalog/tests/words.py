"""The words that come with Segue, for tests."""

import csv

from catalog.vocabulary.seeding import FOLDER


def seed_terms() -> list[dict[str, str]]:
    with (FOLDER / "terms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MOODS = {term["name"] for term in seed_terms() if term["what"] == "mood"}
