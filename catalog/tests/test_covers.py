"""Covers: always the same, always valid, readable, kept by browsers."""

from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import covers
from catalog.covers import bindings, posters, sleeves
from catalog.covers.dice import Dice
from catalog.covers.lettering import fit, width_of
from catalog.covers.palettes import FAMILIES, family_of
from catalog.covers.shapes import Panel
from catalog.models import Genre, Item, Kind
from catalog.templatetags.catalogue import cover_url
from catalog.tests.shelves import make

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


def words_on(svg: str) -> str:
    return " ".join(text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def luminance(ink: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(ink[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_same_work_always_gets_the_same_cover() -> None:
    item = make("movie", "Solaris", by="Andrei Tarkovsky", genres=("Drama", "Science Fiction"))
    again = Item.objects.with_cards().get(pk=item.pk)
    assert covers.cover_svg(item) == covers.cover_svg(again)


def test_the_order_in_which_genres_were_added_does_not_change_a_cover() -> None:
    one = make("movie", "Solaris", genres=("Drama", "Horror"))
    other = make("movie", "Solaris", genres=("Horror", "Drama"))
    assert covers.cover_svg(one) == covers.cover_svg(other)


def test_works_of_one_genre_do_not_all_look_alike() -> None:
    items = [make("book", f"Book {n}", genres=("Fantasy",)) for n in range(30)]
    pictures = {covers.cover_svg(item).split("<text")[0].split("</title>")[1] for item in items}
    assert len(pictures) >= 25


def test_a_title_with_markup_is_shown_as_text() -> None:
    item = make("track", '<script>alert(1)</script> & "Co" \x07', by="A & B <i>")
    svg = covers.cover_svg(item)
    assert "<script" not in svg
    assert "\x07" not in svg
    shown = words_on(svg).replace(" ", "").casefold()
    assert '<script>alert(1)</script>&"co"' in shown
    assert "a&b<i>" in shown


def test_a_cover_refers_to_nothing_outside_and_has_no_style_or_script() -> None:
    for kind, draws in (("movie", posters.POSTERS), ("book", bindings.BINDINGS)):
        for n in range(len(draws) * 3):
            svg = covers.cover_svg(make(kind, f"Title {n}"))
            for forbidden in ("style=", "<style", "<script", "href", "url(http", "<image"):
                assert forbidden not in svg


@pytest.mark.parametrize(
    "draw", [*posters.POSTERS, *sleeves.SLEEVES, *bindings.BINDINGS], ids=lambda f: f.__name__
)
def test_every_composition_is_valid_and_keeps_its_lettering_on_the_cover(draw: object) -> None:
    wide = 500 if draw in sleeves.SLEEVES else 400
    tall = 500 if draw in sleeves.SLEEVES else 600
    for palettes in FAMILIES.values():
        for tones in palettes:
            picture = draw(Dice(tones.ground), tones)  # type: ignore[operator]
            ElementTree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{picture.marks}</svg>')
            panel = picture.panel
            assert 0 <= panel.x < panel.x + panel.width <= wide
            assert 0 <= panel.y < panel.y + panel.height <= tall
            assert panel.ink == tones.ink


@pytest.mark.parametrize("family", FAMILIES)
def test_lettering_can_be_read_on_its_ground(family: str) -> None:
    for tones in FAMILIES[family]:
        light, dark = sorted((luminance(tones.ink), luminance(tones.ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, tones


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=st.text(min_size=1, max_size=300))
def test_any_title_makes_a_valid_cover(title: str) -> None:
    item = Item(pk=1, kind=Kind.BOOK, title=title, item_id="x")
    ElementTree.fromstring(covers.cover_svg(item))


@pytest.mark.parametrize(
    ("title", "most_lines"),
    [("Z", 1), ("War and Peace", 3), ("The Curious Incident of the Dog in the Night-Time", 5)],
)
def test_a_title_is_wrapped_into_the_panel(title: str, most_lines: int) -> None:
    panel = Panel(0, 0, 320, 150, "#000")
    setting = fit(title, panel)
    assert len(setting.lines) <= most_lines
    assert " ".join(setting.lines) == title
    assert all(width_of(line, setting.size, panel.face) <= panel.width for line in setting.lines)
    assert len(setting.lines) * setting.size <= panel.height


def test_an_endless_word_is_cut_instead_of_running_off() -> None:
    panel = Panel(0, 0, 320, 150, "#000")
    setting = fit("Donaudampfschifffahrtsgesellschaft" * 4, panel)
    assert setting.lines[0].endswith("…")
    assert width_of(setting.lines[0], setting.size, panel.face) <= panel.width


@pytest.mark.parametrize(
    ("genres", "family"),
    [(["Science Fiction"], "cosmos"), (["drum-and-bass"], "electric"), (["Unheard-of"], None),
     (["Unheard-of", "Film Noir"], "night")],
)  # fmt: skip
def test_genres_choose_the_family_of_inks(genres: list[str], family: str | None) -> None:
    assert family_of(genres) == family


def test_the_versioned_address_may_be_kept_for_good(client: Client) -> None:
    item = make("track", "Nightclubbing", by="Iggy Pop")
    response = client.get(cover_url(item))
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" in response["Cache-Control"]


def test_an_old_or_missing_version_is_not_kept_for_good(client: Client) -> None:
    item = make("track", "Nightclubbing")
    for query in ("", "?v=0123456789ab"):
        response = client.get(reverse("catalog:cover", args=[item.item_id]) + query)
        assert response.status_code == 200
        assert "immutable" not in response["Cache-Control"]


def test_a_known_cover_is_not_sent_again(client: Client) -> None:
    url = cover_url(make("book", "Dune"))
    etag = client.get(url)["ETag"]
    unchanged = client.get(url, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_changed_title_or_genre_changes_the_address() -> None:
    item = make("book", "Dune", genres=("Science Fiction",))
    addresses = {cover_url(item)}
    item.title = "Dune Messiah"
    item.save()
    addresses.add(cover_url(item))
    item.genres.add(Genre.objects.create(name="Adventure", slug="adventure"))
    addresses.add(cover_url(item))
    assert len(addresses) == 3


def test_the_cover_of_nothing_is_not_found(client: Client) -> None:
    assert client.get(reverse("catalog:cover", args=["no-such-item"])).status_code == 404
