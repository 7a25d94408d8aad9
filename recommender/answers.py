"""Answers of the API that this process gave a moment ago, ready to be sent again.

Visits begin alike: the same first clicks are asked about again and again. An answer holds as long
as nothing that it was made from can have changed: the model version, the catalogue as the engine
knows it, the cards as the card cache has them.
"""

import hashlib
from collections.abc import Callable

from django.core.cache import caches

from catalog import card_cache
from recommender.loader import loader


def remembered(question: bytes, make: Callable[[], bytes]) -> bytes:
    """The answer to a question that says everything the answer depends on, made by `make` where it
    is not remembered."""
    loaded = loader.current
    made_from = (loaded.version, loaded.state) if loaded else None
    known_by = f"{made_from} {card_cache.cards.edits} ".encode()
    key = hashlib.sha256(known_by + question).hexdigest()
    answers = caches["answers"]
    answer: bytes | None = answers.get(key)
    if answer is None:
        answer = make()
        if loader.current is loaded:  # else it may be of the next version
            answers.set(key, answer, card_cache.SECONDS)
    return answer
