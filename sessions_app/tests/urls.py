"""The paths of this app, and just enough of the layer below to send its signals."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path

from catalog.models import Item
from catalog.signals import item_page_opened, title_searched


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


def item_page(request: HttpRequest, item_id: str) -> HttpResponse:
    item = get_object_or_404(Item, item_id=item_id)
    item_page_opened.send_robust(sender=Item, request=request, item=item)
    return render(request, "an_item.html", {"item": item})


def search(request: HttpRequest) -> HttpResponse:
    title_searched.send_robust(sender=Item, request=request, query=request.GET.get("q", ""))
    return HttpResponse("found")


catalog_urls = (
    [path("items/<str:item_id>/", item_page, name="item"), path("search/", search, name="search")],
    "catalog",
)
urlpatterns = [
    path("", home, name="home"),
    path("", include(catalog_urls)),
    path("", include("sessions_app.urls")),
    path("api/v1/", include("sessions_app.api_urls")),
    path("admin/", admin.site.urls),
]
