"""The browse page's filters."""

import json
from typing import Any

import django_filters
from django import forms
from django.db.models import F, TextField
from django.db.models.functions import Cast

from catalog.facets import Facets
from catalog.models import Item, ItemQuerySet

_ORDERS: dict[str, list[Any]] = {
    "title": ["title", "item_id"],
    "new": [F("year").desc(nulls_last=True), "title", "item_id"],
    "old": [F("year").asc(nulls_last=True), "title", "item_id"],
    "popular": [F("popularity").desc(nulls_last=True), "title", "item_id"],
}
_ORDER_LABELS = {
    "popular": "Most popular",
    "new": "Newest first",
    "old": "Oldest first",
    "title": "Title A–Z",
}


class ItemFilter(django_filters.FilterSet):
    """Filters items of one kind; the choices are that kind's `facets`."""

    genre = django_filters.ChoiceFilter(
        field_name="genres__slug", label="Genre", empty_label="Any genre"
    )
    mood = django_filters.ChoiceFilter(method="with_mood", label="Mood", empty_label="Any mood")
    decade = django_filters.ChoiceFilter(
        method="from_decade", label="Decade", empty_label="Any decade"
    )
    language = django_filters.ChoiceFilter(field_name="language", empty_label="Any language")
    country = django_filters.ChoiceFilter(field_name="country", empty_label="Any country")
    sort = django_filters.ChoiceFilter(method="in_order", label="Order", empty_label=None)

    class Meta:
        model = Item
        fields: list[str] = []

    def __init__(self, data: Any, queryset: ItemQuerySet, *, facets: Facets) -> None:
        super().__init__(data, queryset=queryset)
        self.default_sort = "popular" if facets.has_popularity else "new"
        orders = [key for key in _ORDER_LABELS if key != "popular" or facets.has_popularity]
        orders.sort(key=lambda key: key != self.default_sort)
        choices = {
            "genre": facets.genres,
            "mood": facets.moods,
            "decade": facets.decades,
            "language": facets.languages,
            "country": facets.countries,
            "sort": [(key, _ORDER_LABELS[key]) for key in orders],
        }
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs

    @property
    def qs(self) -> ItemQuerySet:
        """The filtered items in the chosen order; a value that is no choice finds nothing."""
        if not self.form.is_valid():
            bad = set(self.form.errors) - {"sort"}
            if bad:
                return self.queryset.none()
        found = super().qs
        if not self.form.cleaned_data.get("sort"):
            found = found.order_by(*_ORDERS[self.default_sort])
        return found

    def cards(self) -> ItemQuerySet:
        found: ItemQuerySet = self.qs
        return found.with_cards()

    def with_mood(self, items: ItemQuerySet, name: str, value: str) -> ItemQuerySet:
        # SQLite cannot look into JSON lists by index; the quoted word in the text is exact enough
        # and works the same on both databases.
        as_text = items.annotate(moods_text=Cast("moods", TextField()))
        return as_text.filter(moods_text__contains=json.dumps(value))

    def from_decade(self, items: ItemQuerySet, name: str, value: str) -> ItemQuerySet:
        first = int(value)
        return items.filter(year__range=(first, first + 9))

    def in_order(self, items: ItemQuerySet, name: str, value: str) -> ItemQuerySet:
        return items.order_by(*_ORDERS[value])

    def chosen(self) -> list[tuple[str, str]]:
        """(parameter, label) of each active filter, in the form's order, for the chips."""
        data = self.form.cleaned_data if self.form.is_valid() else {}
        out = []
        for name, field in self.form.fields.items():
            value = data.get(name)
            if name != "sort" and value and isinstance(field, forms.ChoiceField):
                labels = dict(self.filters[name].extra["choices"])
                out.append((name, labels[value]))
        return out
