"""The catalogue in the admin: items through their kind, with what joins them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog import vocabulary
from catalog.admin.exports import ExportPages
from catalog.admin.history import WithHistory
from catalog.admin.quality import AliasInline, merge_two
from catalog.models import Alias, Book, Creator, Credit, Genre, Item, Kinship, Movie, Track
from catalog.templatetags.catalogue import cover_url
from catalog.text import normalise


class CreditInline(admin.TabularInline):
    model = Credit
    fk_name = "item"
    extra = 0
    raw_id_fields = ("creator",)
    fields = ("creator", "role", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credit]:
        return super().get_queryset(request).select_related("creator")


class ItemAdmin(WithHistory):
    """What the three kinds have in common. Lists cost the same number of queries at any length."""

    list_display: tuple[str, ...] = (
        "small_cover",
        "title",
        "byline",
        "year",
        "genre_names",
        "source",
    )
    list_display_links = ("small_cover", "title")
    list_filter: ClassVar[tuple[str, ...]] = ("source", "genres", "language")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title_key", "title", "item_id")
    search_help_text = "Title, other name, item id or creator's name"
    filter_horizontal = ("genres",)
    readonly_fields = ("item_id", "large_cover", "themes", "source", "added_at")
    inlines = (CreditInline, AliasInline)
    actions = (merge_two,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        credits = Prefetch("credits", Credit.objects.select_related("creator"))
        items = super().get_queryset(request).select_related("picture")
        return items.prefetch_related("genres", credits)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # Creators through a subquery: a join would repeat an item for each of its creators.
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if search_term:
            of_creator = Credit.objects.filter(creator__name__icontains=search_term)
            found = found | queryset.filter(pk__in=of_creator.values("item_id"))
            named = Q(name__icontains=search_term)
            if key := normalise(search_term):
                named |= Q(name_key__contains=key)
            found = found | queryset.filter(pk__in=Alias.objects.filter(named).values("item_id"))
        return found, may_repeat

    def save_model(self, request: HttpRequest, obj: Item, form: Any, change: bool) -> None:
        if "moods" in form.changed_data:
            # Typed in: they stay. Taken away: the rules may speak again.
            obj.own_moods = bool(obj.moods)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        vocabulary.refresh(item=form.instance)  # a genre or a figure of the sound may be new

    def has_add_permission(self, request: HttpRequest, obj: Item | None = None) -> bool:
        # Items come from imports, which give them their stable id.
        return False

    @admin.display(description="")
    def small_cover(self, item: Item) -> SafeString:
        return format_html('<img src="{}" alt="" height="48" loading="lazy">', cover_url(item))

    @admin.display(description="Cover")
    def large_cover(self, item: Item) -> SafeString:
        return format_html(
            '<img src="{}" alt="" height="240"><p><a href="{}?item={}">Put a picture of your own '
            "in its place</a></p>",
            cover_url(item),
            reverse("admin:catalog_picture_add"),
            item.pk,
        )

    @admin.display(description="Genres")
    def genre_names(self, item: Item) -> str:
        return ", ".join(genre.name for genre in item.genres.all())


@admin.register(Movie)
class MovieAdmin(ItemAdmin):
    list_filter = (*ItemAdmin.list_filter, "status")


@admin.register(Track)
class TrackAdmin(ItemAdmin):
    list_display = (*ItemAdmin.list_display, "album")
    list_filter = (*ItemAdmin.list_filter, "explicit")


@admin.register(Book)
class BookAdmin(ItemAdmin):
    list_display = (*ItemAdmin.list_display, "rating")


@admin.register(Genre)
class GenreAdmin(WithHistory):
    list_display = ("name", "slug", "item_count")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Genre]:
        return super().get_queryset(request).annotate(size=Count("items"))

    @admin.display(description="Items", ordering="size")
    def item_count(self, genre: Any) -> int:
        return genre.size


@admin.register(Creator)
class CreatorAdmin(WithHistory):
    list_display = ("name", "item_count")
    search_fields = ("name",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Creator]:
        return super().get_queryset(request).annotate(size=Count("credits__item", distinct=True))

    @admin.display(description="Items", ordering="size")
    def item_count(self, creator: Any) -> int:
        return creator.size


@admin.register(Kinship)
class KinshipAdmin(WithHistory):
    list_display = ("derived", "relation", "origin")
    list_filter = ("relation",)
    list_select_related = ("derived", "origin")
    raw_id_fields = ("derived", "origin")
    search_fields = ("derived__title", "origin__title")


@admin.register(Item)
class AnyItemAdmin(ExportPages):
    """Only for looking an item up, from a kinship's magnifying glass; it is edited by its kind."""

    list_display = ("title", "kind", "year", "item_id")
    list_filter = ("kind",)
    search_fields = ("title_key", "title", "item_id")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Item | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Item | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Item | None = None) -> bool:
        return False
