from django.urls import path, register_converter

from catalog import views, views_pictures
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


register_converter(KindConverter, "kind")

app_name = "catalog"
urlpatterns = [
    path("<kind:kind>/", views.browse, name="browse"),
    path("items/<str:item_id>/", views.item_page, name="item"),
    path("search/", views.search_page, name="search"),
    path("covers/<str:item_id>.svg", views.cover, name="cover"),
    path("pictures/<str:item_id>.webp", views_pictures.picture, name="picture"),
    path("pictures/", views_pictures.credits, name="picture_credits"),
]
