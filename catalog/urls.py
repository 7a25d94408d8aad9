from django.urls import path, register_converter

from catalog import (
    views,
    views_browse,
    views_insights,
    views_pictures,
    views_search,
    views_vocabulary,
)
from catalog.models import Kind

_PATHS = {Kind.MOVIE.value: "movies", Kind.TRACK.value: "music", Kind.BOOK.value: "books"}


class KindConverter:
    """`movie` in code is `movies` in an address, `track` is `music`, `book` is `books`."""

    regex = "|".join(_PATHS.values())

    def to_python(self, value: str) -> str:
        return next(kind for kind, path in _PATHS.items() if path == value)

    def to_url(self, value: str) -> str:
        if value not in _PATHS:
            raise ValueError(f"no kind {value!r}")
        return _PATHS[value]


class ChartFormConverter:
    """The two forms that the figures of a chart can be had in."""

    regex = "csv|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")
register_converter(ChartFormConverter, "chart_form")

app_name = "catalog"
urlpatterns = [
    path("browse/", views_browse.browse, name="browse_all"),
    path("<kind:kind>/", views_browse.browse, name="browse"),
    path("people/<str:slug>/", views_browse.person, name="person"),
    path("genres/", views_browse.genre_index, name="genres"),
    path("genres/<str:slug>/", views_browse.genre, name="genre"),
    path("items/<str:item_id>/", views.item_page, name="item"),
    path("vocabulary/", views_vocabulary.vocabulary_page, name="vocabulary"),
    path("vocabulary/<path:name>/", views_vocabulary.word_page, name="word"),
    path("search/", views_search.search_page, name="search"),
    path("search/suggest/", views_search.suggestions, name="suggest"),
    path("covers/<str:item_id>.svg", views.cover, name="cover"),
    path("pictures/<str:item_id>.webp", views_pictures.picture, name="picture"),
    path("pictures/", views_pictures.credits, name="picture_credits"),
    path("insights/", views_insights.overview, name="insights"),
    path("insights/health/", views_insights.health_page, name="insights_health"),
    path("insights/<slug:page>/", views_insights.page, name="insights_page"),
    path("insights/<slug:name>.<chart_form:form>", views_insights.download, name="insights_data"),
]
