"""One run: the most popular items without a picture are asked about, within limits.

A run ends when its items or its time are used up. A provider that is busy or away rests; what is
left then is asked about in a later run. See docs/adr/0016-pictures.md.
"""

import contextlib
import datetime
import fcntl
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.card_cache import cards
from catalog.models import Item, ItemQuerySet, Picture
from catalog.pictures import images, keeping, providers
from catalog.pictures.asking import Asker, AskingError, NoAnswerError, NotThereError, RestError
from catalog.pictures.providers import Found, Provider
from catalog.revision import note_change

SECONDS_A_RUN = 240.0
FIRST_BACK_OFF = datetime.timedelta(hours=1)  # doubled with every try
MISSING_AGAIN_AFTER = datetime.timedelta(days=90)
MOST_SILENCES = 3  # in a row: then the provider is away, not the picture
log = logging.getLogger(__name__)


@dataclass
class Report:
    """What a run did. `left`: items of this run that wait for a later one."""

    found: int = 0
    missing: int = 0
    failed: int = 0
    left: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = f"{self.found} found, {self.missing} missing, {self.failed} failed"
        left = f", {self.left} left for later" if self.left else ""
        return " ".join([f"{counts}{left}.", *self.notes])


def fetch_pictures(
    *,
    limit: int | None = None,
    item_ids: Sequence[str] | None = None,
    seconds: float = SECONDS_A_RUN,
    progress: bool | None = None,
) -> Report:
    """Asks the providers that are on; `item_ids` narrows it to some items.

    `limit`: items, by default SEGUE_PICTURES_PER_RUN. `progress` as in `importing.import_source`.
    """
    report = Report()
    active = [provider for provider in providers.active() if not resting_until(provider)]
    if not active:
        report.notes.append("No provider is on, or all of them rest: nothing was asked.")
        return report
    with _alone(seconds) as alone:
        if not alone:
            report.notes.append("Another run is under way: nothing was asked.")
            return report
        _drop_expired()
        limit = settings.PICTURES_PER_RUN if limit is None else limit
        _run(_queue(active, limit, item_ids), active, report, time.monotonic() + seconds, progress)
        if report.found:
            with transaction.atomic():
                note_change()
            cards.forget()
    return report


def due(provider: Provider, item_ids: Sequence[str] | None = None) -> ItemQuerySet:
    """The items to ask a provider about now, the most popular first."""
    now = timezone.now()
    failed = Q()
    for tries in range(1, keeping.MOST_TRIES):
        waited = now - FIRST_BACK_OFF * 2 ** (tries - 1)
        failed |= Q(picture__tries=tries, picture__tried_at__lte=waited)
    missing = Q(picture__status=Picture.Status.MISSING) & ~Q(picture__provider=keeping.EDITOR)
    items = Item.objects.of_kind(provider.kind).filter(
        Q(picture=None)
        | Q(picture__status=Picture.Status.FAILED) & failed
        | missing & Q(picture__tried_at__lte=now - MISSING_AGAIN_AFTER)
    )
    if item_ids is not None:
        items = items.filter(item_id__in=item_ids)
    return items.order_by(F("popularity").desc(nulls_last=True), "pk")


def resting_until(provider: Provider) -> datetime.datetime | None:
    """When a provider may be asked again; None where it may be now."""
    until: datetime.datetime | None = cache.get(_rest_key(provider))
    return until if until and until > timezone.now() else None


def _queue(active: list[Provider], limit: int, item_ids: Sequence[str] | None) -> list[Item]:
    """Items in turn from each provider: while one is waited for, the others are asked."""
    own = ("movie", "track", "book")
    columns = [due(p, item_ids).select_related(*own).with_cards()[:limit] for p in active]
    turns = chain.from_iterable(zip_longest(*columns))
    return list(islice((item for item in turns if item is not None), limit))


def _run(
    queue: list[Item],
    active: list[Provider],
    report: Report,
    deadline: float,
    progress: bool | None,
) -> None:
    from tqdm import tqdm

    desks = {provider.kind.value: _Desk(Asker(provider), report) for provider in active}
    hidden = None if progress is None else not progress
    try:
        for done, item in enumerate(tqdm(queue, desc="Pictures", disable=hidden)):
            if time.monotonic() > deadline:
                report.left += len(queue) - done
                report.notes.append("The time of the run was used up.")
                return
            if desks[item.kind].rests:
                report.left += 1
            else:
                desks[item.kind].serve(item)
    finally:
        for desk in desks.values():
            desk.asker.close()


@dataclass
class _Desk:
    """One provider during one run."""

    asker: Asker
    report: Report
    rests: bool = False
    silences: int = 0

    def serve(self, item: Item) -> None:
        """Asks about one item and keeps what comes of it."""
        seen = getattr(item, "picture", None)
        silent = False
        try:
            answered = self._ask(item)
        except RestError as error:
            self._rest(str(error), error.seconds)
            if error.counts:
                self._failed(item, seen, str(error))
            else:
                self.report.left += 1
        except (AskingError, images.NotAPictureError) as error:
            silent = isinstance(error, NoAnswerError)
            self._failed(item, seen, str(error))
        else:
            self._keep(item, seen, answered)
        self.silences = self.silences + 1 if silent else 0
        if self.silences >= MOST_SILENCES:
            self._rest(f"no answer {MOST_SILENCES} times in a row", None)

    def _ask(self, item: Item) -> tuple[Found, images.Prepared] | None:
        provider = self.asker.provider
        question = provider.question(item)
        if question is None:
            return None
        answer = self.asker.answer(question)
        try:
            found = provider.choose(item, answer)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AskingError("the search was answered in a form that is not known") from error
        if found is None:
            return None
        try:
            return found, images.prepared(self.asker.picture(found.url))
        except NotThereError:
            return None

    def _keep(
        self, item: Item, seen: Picture | None, answered: tuple[Found, images.Prepared] | None
    ) -> None:
        provider, now = self.asker.provider, timezone.now()
        if answered is None:
            keeping.keep_missing(item=item, seen=seen, provider=provider, now=now)
            self.report.missing += 1
            return
        found, picture = answered
        self.report.found += keeping.keep_found(
            item=item, seen=seen, provider=provider, found=found, picture=picture, now=now
        )

    def _failed(self, item: Item, seen: Picture | None, error: str) -> None:
        provider, now = self.asker.provider, timezone.now()
        keeping.keep_failed(item=item, seen=seen, provider=provider, error=error, now=now)
        self.report.failed += 1

    def _rest(self, why: str, seconds: float | None) -> None:
        """For the rest of this run; with `seconds`, also in the runs that begin before then."""
        provider = self.asker.provider
        self.rests = True
        words = f"{provider.label} rests: {why}."
        if seconds is not None:
            until = timezone.now() + datetime.timedelta(seconds=seconds)
            cache.set(_rest_key(provider), until, timeout=seconds)
            words = f"{provider.label} rests until {until:%H:%M} UTC: {why}."
        self.report.notes.append(words)
        log.warning("%s", words)


def _drop_expired() -> None:
    """Pictures that their provider does not let us keep any longer are asked for again."""
    for provider in providers.PROVIDERS:
        if provider.keeps_days is not None:
            oldest = timezone.now() - datetime.timedelta(days=provider.keeps_days)
            keeping.forget(
                pictures=Picture.objects.filter(
                    provider=provider.name, status=Picture.Status.FOUND, tried_at__lt=oldest
                )
            )


def _rest_key(provider: Provider) -> str:
    return f"pictures:rest:{provider.name}"


@contextlib.contextmanager
def _alone(seconds: float) -> Iterator[bool]:
    """Whether no other run is under way: on this machine, and wherever the cache is shared."""
    path = Path(settings.DATA_DIR) / "pictures.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go when the process ends
        except BlockingIOError:
            yield False
            return
        if not cache.add("pictures:run", 1, timeout=seconds + 60):
            yield False
            return
        try:
            yield True
        finally:
            cache.delete("pictures:run")
