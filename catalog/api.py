"""The catalogue's part of the API: list, search and detail of items."""

import json
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.http import Http404
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import generics, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.merging import current_ids
from catalog.models import Alias, Book, Genre, Item, Kind, Movie, Track
from catalog.search import ranked_keys

_OWN_FIELDS: dict[str, tuple[type[Item], list[str]]] = {
    kind: (
        model,
        [
            field.name
            for field in model._meta.local_concrete_fields
            if field.name not in ("item_ptr",)
        ],
    )
    for kind, model in ((Kind.MOVIE, Movie), (Kind.TRACK, Track), (Kind.BOOK, Book))
}


class ItemSerializer(serializers.ModelSerializer[Item]):
    """What every kind has; the shape used in every list."""

    creators = serializers.SerializerMethodField()
    genres: serializers.SlugRelatedField[Genre] = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )
    themes = serializers.ListField(child=serializers.CharField(), read_only=True)
    moods = serializers.ListField(child=serializers.CharField(), read_only=True)
    page = serializers.URLField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Item
        fields = [
            "item_id",
            "kind",
            "title",
            "year",
            "creators",
            "genres",
            "themes",
            "moods",
            "language",
            "country",
            "popularity",
            "description",
            "page",
        ]

    @extend_schema_field(
        serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    )
    def get_creators(self, item: Item) -> list[dict[str, str]]:
        return [{"name": c.creator.name, "role": c.role} for c in item.credits.all()]


class ItemDetailSerializer(ItemSerializer):
    """One item with its kind's own columns under `details`."""

    aliases: serializers.SlugRelatedField[Alias] = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )
    details = serializers.SerializerMethodField()

    class Meta(ItemSerializer.Meta):
        fields = [*ItemSerializer.Meta.fields, "release_date", "aliases", "details"]

    @extend_schema_field(serializers.DictField())
    def get_details(self, item: Item) -> dict[str, Any]:
        model, names = _OWN_FIELDS[item.kind]
        return model.objects.filter(pk=item.pk).values(*names).first() or {}


class ItemFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Kind.choices)
    genre = filters.CharFilter(field_name="genres__name", lookup_expr="iexact", distinct=True)
    creator = filters.CharFilter(field_name="credits__creator__name", distinct=True)
    language = filters.CharFilter(lookup_expr="iexact")
    country = filters.CharFilter(lookup_expr="iexact")
    theme = filters.CharFilter(method="with_word", label="A theme, as it is spelt.")
    mood = filters.CharFilter(method="with_word", label="A mood, as it is spelt.")
    rating_from = filters.NumberFilter(
        method="rated_from",
        label="The least rating, of 5; films' scores count as a twentieth. Tracks have none.",
    )
    year_from = filters.NumberFilter(field_name="year", lookup_expr="gte")
    year_to = filters.NumberFilter(field_name="year", lookup_expr="lte")
    q = filters.CharFilter(
        method="found_by",
        label="A title, part of one, or a person, as well as one remembers it. Items come in the "
        "order in which they match, at most 200; without it in the order of their titles.",
    )

    class Meta:
        model = Item
        fields: list[str] = []

    def with_word(self, queryset: Any, name: str, value: str) -> QuerySet[Item]:
        # SQLite cannot look into JSON lists by index; the quoted word in the text is exact, and
        # the same on both databases.
        as_text = queryset.annotate(**{f"{name}s_text": Cast(f"{name}s", TextField())})
        found: QuerySet[Item] = as_text.filter(**{f"{name}s_text__contains": json.dumps(value)})
        return found

    def rated_from(self, queryset: Any, name: str, value: Decimal) -> QuerySet[Item]:
        least = float(value)
        found: QuerySet[Item] = queryset.filter(
            Q(movie__score__gte=20 * least) | Q(book__rating__gte=least)
        )
        return found

    def found_by(self, queryset: Any, name: str, value: str) -> QuerySet[Item]:
        keys = ranked_keys(value)
        if not keys:
            return queryset.none()
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(keys)]
        rank = Case(*places, output_field=IntegerField())
        return queryset.filter(pk__in=keys).annotate(rank=rank)


class ItemCursor(pagination.CursorPagination):
    """Stable while the catalogue grows; page size 24, at most 100 with `page_size`."""

    page_size = 24
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = ("title", "item_id")

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """By match where something was searched for: `rank` is the filter's."""
        return ("rank",) if "rank" in queryset.query.annotations else self.ordering


@extend_schema_view(get=extend_schema(summary="List and search items", tags=["items"]))
class ItemList(generics.ListAPIView[Item]):
    queryset = Item.objects.with_cards()
    serializer_class = ItemSerializer
    pagination_class = ItemCursor
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = ItemFilter


@extend_schema_view(
    get=extend_schema(
        summary="One item",
        tags=["items"],
        responses={
            200: ItemDetailSerializer,
            302: OpenApiResponse(description="It was merged into the item at this address."),
        },
    )
)
class ItemDetail(generics.RetrieveAPIView[Item]):
    queryset = Item.objects.with_cards().prefetch_related("aliases")
    serializer_class = ItemDetailSerializer
    lookup_field = "item_id"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            kept = current_ids([kwargs["item_id"]]).get(kwargs["item_id"])
            if kept is None:
                raise
            return Response(status=302, headers={"Location": reverse("api-item", args=[kept])})

    def get_object(self) -> Item:
        try:
            return super().get_object()
        except Http404 as error:
            raise Http404(f"No item has the id {self.kwargs['item_id']!r}.") from error
