"""Every path of the site, by app."""

from csp.decorators import csp_update
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from recommender import views_home
from recsite import health, offline, theme

# Swagger UI writes inline styles; the exception is for that one page.
api_docs = csp_update({"style-src": ["'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api-schema")
)


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """For pages that do not name an icon, the admin's for one: browsers then ask here."""
    return HttpResponseRedirect(static("img/favicon.svg"))


handler404 = "recsite.api_errors.not_found"
handler500 = "recsite.api_errors.failed"

urlpatterns = [
    path("favicon.ico", favicon),
    path("", views_home.home, name="home"),
    path("", include("catalog.urls")),
    path("", include("sessions_app.urls")),
    path("", include("recommender.urls")),
    path("healthz/", health.healthz, name="healthz"),
    path("theme/", theme.choose_theme, name="theme"),
    path("offline/", offline.page, name="offline"),
    path("offline-worker.js", offline.worker, name="offline_worker"),
    path("site.webmanifest", offline.manifest, name="manifest"),
    path("api/v1/", include("catalog.api_urls")),
    path("api/v1/", include("sessions_app.api_urls")),
    path("api/v1/", include("recommender.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", api_docs, name="api-docs"),
    path("admin/", admin.site.urls),
]
