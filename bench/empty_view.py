"""The site's paths and `/empty/`, which does nothing: what a request costs before its view."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from recsite import urls

handler404, handler500 = urls.handler404, urls.handler500


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("empty/", empty), *urls.urlpatterns]
