"""Rows that follow no session: what trends, what is new, what is best known. Nothing that is
barred (public ids) or of a hidden genre (slugs) is in any of them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Min, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.columns_reading import columns
from catalog.models import Item, Kind
from catalog.wording import whole
from recommender.barring import hidden_of
from recommender.candidates import SPARE, Candidate, are_well_known, popular_ones, why_known
from recommender.cards import Card, first_that_exist
from recommender.opened import Trending, trending_of
from recommender.reasons import Reason

FIRST_IMPORT = timedelta(days=1)  # what comes within it of the first item came with the site
NEW_DAYS = timedelta(days=60)


def trending(
    *,
    k: int,
    exclude: Collection[str] = (),
    hidden_genres: Collection[str] = (),
    kinds: Sequence[str] | None = None,
) -> list[Card]:
    """What is opened more this week than usual, the steepest first; empty without traffic."""
    hidden = hidden_of(hidden_genres)
    found = [one for kind in kinds or Kind.values for one in trending_of(kind)]
    if hidden is not None:
        gone = hidden.has([one.pk for one in found])
        found = [one for one, is_gone in zip(found, gone, strict=True) if not is_gone]
    # People before simulated visitors, whatever the kind.
    found.sort(key=lambda one: (one.simulated, -one.growth, one.pk))
    shown = [
        Candidate(one.item_id, one.kind, one.growth, "popular", why=_why_trending(one))
        for one in found
        if one.item_id not in exclude
    ]
    return first_that_exist(shown[: k + SPARE], k)


def _why_trending(one: Trending) -> Reason:
    if one.simulated:
        text = ngettext(
            "Trending: opened in {count} simulated session this week",
            "Trending: opened in {count} simulated sessions this week",
            one.sessions,
        )
    else:
        text = ngettext(
            "Trending: opened in {count} session this week",
            "Trending: opened in {count} sessions this week",
            one.sessions,
        )
    return Reason("trending", text.format(count=whole(one.sessions)), count=one.sessions)


def newest(
    *,
    k: int,
    exclude: Collection[str] = (),
    hidden_genres: Collection[str] = (),
    kinds: Sequence[str] | None = None,
) -> list[Card]:
    """What came into the catalogue since its first import and within two months, the latest
    first; then the newest releases, kind by kind in turn."""
    shown = _added_lately(kinds, exclude, hidden_genres, k + SPARE)
    if len(shown) < k + SPARE:
        besides = {*exclude, *(candidate.item_id for candidate in shown)}
        shown += _released_lately(kinds, besides, hidden_genres, k + SPARE - len(shown))
    return first_that_exist(shown, k)


def _added_lately(
    kinds: Sequence[str] | None, exclude: Collection[str], genres: Collection[str], most: int
) -> list[Candidate]:
    first = Item.objects.aggregate(first=Min("added_at"))["first"]
    if first is None:
        return []
    newest = Item.objects.order_by("-added_at").values_list("added_at", flat=True)[0]
    since = max(first + FIRST_IMPORT, newest - NEW_DAYS)
    rows = _allowed(kinds, exclude, genres).filter(added_at__gt=since)
    latest = rows.order_by("-added_at", "-pk").values_list("item_id", "kind", "added_at")[:most]
    return [
        Candidate(item_id, kind, 0.0, "popular", why=_why_added(at)) for item_id, kind, at in latest
    ]


def _why_added(at: datetime) -> Reason:
    day = date_format(at, "DATE_FORMAT")
    return Reason("new", _("New here since {date}").format(date=day))


def _released_lately(
    kinds: Sequence[str] | None, exclude: Collection[str], genres: Collection[str], most: int
) -> list[Candidate]:
    lists = []
    for kind in kinds or Kind.values:
        rows = _allowed([kind], exclude, genres).filter(year__isnull=False)
        latest = rows.order_by("-year", "pk").values_list("item_id", "kind", "year")
        lists.append(list(latest[:most]))
    in_turn = [some[row] for row in range(most) for some in lists if row < len(some)]
    return [
        Candidate(item_id, kind, 0.0, "popular", why=_why_released(year or 0))
        for item_id, kind, year in in_turn[:most]
    ]


def _why_released(year: int) -> Reason:
    return Reason("new", _("Among the newest here: {year}").format(year=year))


def _allowed(
    kinds: Sequence[str] | None, exclude: Collection[str], genres: Collection[str]
) -> "QuerySet[Item]":
    rows = Item.objects.exclude(item_id__in=list(exclude)).order_by()
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return rows.exclude(genres__slug__in=list(genres)) if genres else rows


def best_known(
    kind: str, k: int, *, exclude: Collection[str] = (), hidden_genres: Collection[str] = ()
) -> list[Card]:
    """The best known of a kind by what its sources tell; where none tells, what is opened most."""
    held = columns.get()
    hidden = hidden_of(hidden_genres)
    if not held.has_popularity(kind):
        return first_that_exist(popular_ones([kind], k, set(exclude), hidden), k)
    members = held.of_kind(kind) & ~np.isnan(held.popularity)
    if hidden is not None:
        members &= ~hidden.in_columns
    keys = held.pks[np.flatnonzero(members)[: k + SPARE + len(exclude)]]
    keys = keys[are_well_known(keys)]
    ids = dict(Item.objects.filter(pk__in=keys.tolist()).values_list("pk", "item_id"))
    found = [ids[pk] for pk in keys.tolist() if pk in ids and ids[pk] not in exclude]
    why = why_known(kind)
    shown = [Candidate(item_id, kind, 0.0, "popular", why=why) for item_id in found]
    return first_that_exist(shown[: k + SPARE], k)
