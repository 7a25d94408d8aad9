"""The table `session_events`: which events it has, what it says, and who may have it."""

import csv
import datetime
import io
import uuid
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Item
from catalog.tables import csv_bytes
from sessions_app import exporting, services
from sessions_app.exporting import ALL, SessionEventRow, SessionEvents
from sessions_app.models import BrowsingSession, Origin, SessionEvent
from sessions_app.tests.conftest import MakeItem

pytestmark = pytest.mark.django_db

PAGE = "admin:sessions_app_export"
NOON = datetime.datetime(2026, 3, 31, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


def visit(
    *items: Item,
    at: datetime.datetime = NOON,
    origin: str = Origin.LIVE,
    user: User | None = None,
    is_bot: bool = False,
) -> BrowsingSession:
    session = services.open_session(now=at, user=user, is_bot=is_bot, origin=origin)
    for number, item in enumerate(items):
        services.record_view(
            session=session, item=item, event_id=uuid.uuid4(), now=at + number * MINUTE
        )
    return session


def titles(events: SessionEvents) -> list[str]:
    return [row.title for row in events.rows()]


# --- What it says ---------------------------------------------------------------------------


def test_a_row_is_the_items_columns_with_the_time_the_visit_and_the_action(
    make_item: MakeItem,
) -> None:
    item = make_item(
        "Book_emma", title="Emma", genres=("Classics",), creator="Jane Austen", year=1815,
        description="She, handsome, clever and rich", popularity=80.0,
    )  # fmt: skip
    session = visit(item)
    assert list(SessionEvents().layout.columns) == [
        "Item_ID", "Title", "Genre", "Description", "Popularity", "Creator", "Timestamp",
        "Item_Type", "Session_ID", "Action_Type",
    ]  # fmt: skip
    assert list(SessionEvents().rows()) == [
        SessionEventRow(
            "Book_emma", "Emma", "Classics", "She, handsome, clever and rich", 80.0,
            "Jane Austen", NOON, "Book", str(session.public_id), "view",
        )
    ]  # fmt: skip


def test_visits_follow_each_other_each_in_order_of_time(dune: Item, emma: Item, hurt: Item) -> None:
    first, second = visit(dune, emma), visit(hurt, emma, dune, at=NOON - DAY)
    # Reported late, as a client without a network does: it happened between the other two.
    early = services.NewEvent(
        event_id=uuid.uuid4(), type="like", item_id=hurt.item_id, occurred_at=NOON + MINUTE / 2
    )
    services.record_events(session=first, events=[early])
    rows = list(SessionEvents().rows())
    assert [row.title for row in rows] == ["Dune", "Hurt", "Emma", "Hurt", "Emma", "Dune"]
    assert [row.action_type for row in rows[:3]] == ["view", "like", "view"]
    assert [row.session_id for row in rows] == [str(first.public_id)] * 3 + [
        str(second.public_id)
    ] * 3


def test_every_kind_of_action_on_an_item_is_a_row(dune: Item) -> None:
    session = visit(dune)
    for number, (action, stars) in enumerate(
        [("like", None), ("dislike", None), ("hide", None), ("rate", 4)]
    ):
        services.react(
            session=session, item=dune, type=action, event_id=uuid.uuid4(), rating=stars,
            now=NOON + (number + 1) * MINUTE,
        )  # fmt: skip
    actions = [row.action_type for row in SessionEvents().rows()]
    assert actions == ["view", "like", "dislike", "hide", "rate"]


# --- Which events it has --------------------------------------------------------------------


def test_bots_searches_prefetches_and_what_was_taken_back_are_left_out(
    dune: Item, emma: Item
) -> None:
    session = visit(dune, emma)
    services.remove_step(session=session, event_id=session.events.get(item=dune).event_id)
    services.record_search(session=session, query="dune", event_id=uuid.uuid4(), now=NOON)
    services.record_view(
        session=session, item=dune, event_id=uuid.uuid4(), now=NOON + DAY, ignored="prefetch"
    )
    visit(dune, is_bot=True)
    assert SessionEvent.objects.count() == 5
    assert titles(SessionEvents()) == ["Emma"]


def test_simulated_and_imported_visits_come_only_when_they_are_asked_for(
    dune: Item, emma: Item, hurt: Item
) -> None:
    visit(dune)
    visit(emma, origin=Origin.SIMULATED)
    visit(hurt, origin=Origin.IMPORTED)
    assert titles(SessionEvents()) == ["Dune"]
    assert titles(SessionEvents(Origin.SIMULATED)) == ["Emma"]
    assert titles(SessionEvents(Origin.IMPORTED)) == ["Hurt"]
    assert titles(SessionEvents(ALL)) == ["Dune", "Emma", "Hurt"]


def test_the_origin_is_in_the_files_name_and_in_what_parquet_says_about_itself() -> None:
    layout = SessionEvents(Origin.SIMULATED, first=datetime.date(2026, 1, 1)).layout
    assert layout.name == "session_events-simulated"
    assert layout.about == {"origin": "simulated", "first_day": "2026-01-01", "last_day": ""}


def test_days_are_whole_days_in_utc_and_both_are_included(dune: Item, emma: Item) -> None:
    midnight = NOON.replace(hour=0)
    visit(dune, at=midnight)
    visit(emma, at=midnight - datetime.timedelta(microseconds=1))
    day = midnight.date()
    assert titles(SessionEvents(first=day)) == ["Dune"]
    assert titles(SessionEvents(last=day - DAY)) == ["Emma"]
    assert titles(SessionEvents(first=day - DAY, last=day)) == ["Dune", "Emma"]
    assert titles(SessionEvents(first=day + DAY)) == []
    assert titles(SessionEvents(last=datetime.date.max)) == ["Dune", "Emma"]


def test_a_visit_over_midnight_is_cut_at_the_day(dune: Item, emma: Item) -> None:
    visit(dune, emma, at=NOON.replace(hour=23, minute=59, second=30))
    assert titles(SessionEvents(last=NOON.date())) == ["Dune"]
    assert titles(SessionEvents(first=(NOON + DAY).date())) == ["Emma"]


def test_few_items_are_held_and_none_is_missing(
    dune: Item, emma: Item, hurt: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_ITEMS_HELD", 1)
    monkeypatch.setattr("catalog.exporting.key_pages.__defaults__", (1,))
    for _ in range(3):
        visit(dune, emma, hurt)
    assert titles(SessionEvents()) == ["Dune", "Emma", "Hurt"] * 3


def test_items_that_come_again_cost_no_query(
    dune: Item, emma: Item, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        visit(dune, emma)
    # Keys of the visits, the visits, their events, three for the items; no more keys.
    with django_assert_num_queries(7):
        assert len(list(SessionEvents().rows())) == 40


def test_nothing_in_the_file_says_who(ada: User, dune: Item) -> None:
    session = visit(dune, user=ada)
    services.record_search(session=session, query="my secret", event_id=uuid.uuid4(), now=NOON)
    events = SessionEvents(ALL)
    text = b"".join(csv_bytes(events.layout, events.rows())).decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["Session_ID"] == str(session.public_id)
    others = "".join(value for name, value in row.items() if name != "Session_ID")
    for secret in ("ada", "my secret", str(session.events.all()[0].event_id)):
        assert secret not in others


def test_two_visits_of_one_account_cannot_be_told_to_be_one_persons(ada: User, dune: Item) -> None:
    visit(dune, user=ada)
    visit(dune, user=ada)
    one, other = SessionEvents().rows()
    differing = {name for name in one._fields if getattr(one, name) != getattr(other, name)}
    assert differing == {"session_id"}


# --- Who may have it ------------------------------------------------------------------------


def user_with(client: Client, *permissions: str, staff: bool = True) -> Client:
    user = User.objects.create_user("curator", is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_nobody_but_staff_gets_further_than_the_sign_in_page(
    visitor: Client, outsider: Client
) -> None:
    reader = user_with(visitor, "view_sessionevent", staff=False)
    for person in (outsider, reader):
        for query in ({}, {"origin": "live", "format": "csv"}):
            response = person.get(reverse(PAGE), query)
            assert response.status_code == 302
            assert "/login/" in response["Location"]


def test_staff_without_the_permission_are_refused(visitor: Client) -> None:
    curator = user_with(visitor, "view_item")
    assert curator.get(reverse(PAGE)).status_code == 403
    assert curator.get(reverse(PAGE), {"origin": "live", "format": "csv"}).status_code == 403


@pytest.fixture
def curator(visitor: Client) -> Client:
    return user_with(visitor, "view_sessionevent")


def test_the_form_offers_live_visits_first(curator: Client) -> None:
    page = curator.get(reverse(PAGE)).content.decode()
    assert '<option value="live" selected>' in page
    for label in ("Visits", "From", "To", "File", "Download"):
        assert label in page
    changes = curator.get(reverse("admin:sessions_app_sessionevent_changelist"))
    assert reverse(PAGE) in changes.content.decode()


def test_the_download_is_what_was_chosen(curator: Client, dune: Item, emma: Item) -> None:
    visit(dune)
    visit(emma, origin=Origin.SIMULATED)
    query = {"origin": "simulated", "first": "2026-03-01", "last": "", "format": "csv"}
    response = curator.get(reverse(PAGE), query)
    assert response.streaming
    assert "session_events-simulated-" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))
    assert [(row["Title"], row["Timestamp"]) for row in rows] == [
        ("Emma", "2026-03-31T12:00:00.000000Z")
    ]
    response = curator.get(reverse(PAGE), query | {"format": "parquet"})
    table = pq.read_table(io.BytesIO(response.getvalue()))
    assert table["Timestamp"].to_pylist() == [NOON]
    assert table.schema.metadata[b"origin"] == b"simulated"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"origin": "everything"}, "Select a valid choice"),
        ({"format": "xlsx"}, "Select a valid choice"),
        ({"first": "yesterday"}, "Enter a valid date"),
        ({"first": "2026-02-02", "last": "2026-02-01"}, "The first day is after the last one"),
    ],
)
def test_a_wrong_choice_is_answered_with_the_form_and_a_sentence(
    curator: Client, wrong: dict[str, str], sentence: str
) -> None:
    response = curator.get(reverse(PAGE), {"origin": "live", "format": "csv"} | wrong)
    assert response.status_code == 400
    page = response.content.decode()
    assert sentence in page
    assert "Nothing was exported" in page


# --- The command ----------------------------------------------------------------------------


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("export_session_events", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_writes_the_same_rows_as_csv_and_parquet(
    dune: Item, emma: Item, tmp_path: Path
) -> None:
    visit(dune, emma)
    visit(emma, origin=Origin.SIMULATED)
    for format in ("csv", "parquet"):
        assert "2 rows" in run("--out", str(tmp_path / f"t.{format}"))
    table = pq.read_table(tmp_path / "t.parquet")
    rows = [SessionEventRow(*row.values()) for row in table.to_pylist()]
    layout = SessionEvents().layout
    assert b"".join(csv_bytes(layout, rows)) == (tmp_path / "t.csv").read_bytes()
    assert "1 rows" in run("--out", str(tmp_path / "t.csv"), "--origin", "simulated")
    assert "3 rows" in run("--out", str(tmp_path / "t.csv"), "--origin", "all")
    assert "0 rows" in run("--out", str(tmp_path / "t.csv"), "--from", "2026-04-01")


def test_the_command_refuses_days_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a day such as 2026-01-31"):
        run("--from", "31.1.2026")
    with pytest.raises(CommandError, match="--from is after --to"):
        run("--from", "2026-02-01", "--to", "2026-01-31")
