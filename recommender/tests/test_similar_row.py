"""The row of likes on an item's page: of one kind, never what stands there already."""

from django.test import Client
from django.urls import reverse

from catalog.models import Item
from catalog.tests.pages import text_of, titles_on


def row(client: Client, item: Item, query: str = "") -> str:
    return text_of(client, reverse("recommender:similar", args=[item.item_id]) + query)


def test_the_row_is_of_the_items_kind_and_says_so(
    client: Client, served: str, items: list[Item]
) -> None:
    book = next(item for item in items if item.kind == "book")
    page = row(client, book, "?kind=book")
    kinds = dict(Item.objects.values_list("title", "kind"))
    assert "More books like this" in page
    assert len(titles_on(page)) >= 4
    assert {kinds[title] for title in titles_on(page)} == {"book"}
    assert book.title not in titles_on(page)


def test_what_stands_on_the_page_already_is_not_in_the_row(
    client: Client, served: str, items: list[Item]
) -> None:
    first, second, *_ = titles_on(row(client, items[0]))
    ids = dict(Item.objects.values_list("title", "item_id"))
    left = titles_on(row(client, items[0], f"?exclude={ids[first]},{ids[second]}"))
    assert first not in left
    assert second not in left
    assert titles_on(row(client, items[0], f"?exclude={ids[first]}&exclude={ids[second]}")) == left


def test_a_row_of_three_is_not_shown(client: Client, served: str, items: list[Item]) -> None:
    every = set(Item.objects.values_list("item_id", flat=True)) - {items[0].item_id}
    some = sorted(every)[3:]
    assert "similar-heading" not in row(client, items[0], f"?exclude={','.join(some)}")


def test_the_picks_say_what_they_show_and_leave_out_what_stands_there(
    client: Client, served: str, items: list[Item]
) -> None:
    page = text_of(client, reverse("recommender:picks"))
    ids = dict(Item.objects.values_list("title", "item_id"))
    shown = ",".join(ids[title] for title in titles_on(page))
    assert f'name="exclude" value="{shown}"' in page
    first = titles_on(page)[0]
    page = text_of(client, reverse("recommender:picks") + f"?exclude={ids[first]}")
    assert first not in titles_on(page)
