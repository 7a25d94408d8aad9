"""The insights' pages and downloads: load, call one function, respond."""

import csv

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.insights import health, pages
from catalog.insights.selection import selection_from
from catalog.models import Kind


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    selection = selection_from(request.GET, {})
    found = [(page, pages.show(page, selection).charts) for page in pages.PAGES.values()]
    return render(request, "catalog/insights/overview.html", {"found": found, **_tabs("")})


@require_safe
def page(request: HttpRequest, page: str) -> HttpResponse:
    try:
        shown = pages.PAGES[page]
    except KeyError as error:
        raise Http404("no such page of insights") from error
    selection = selection_from(request.GET, shown.options)
    return render(
        request,
        "catalog/insights/page.html",
        {
            "page": shown,
            "selection": selection,
            "shown": pages.show(shown, selection),
            "kinds": list(Kind),
            **_tabs(page),
        },
    )


@require_safe
def health_page(request: HttpRequest) -> HttpResponse:
    staff = request.user.is_authenticated and request.user.is_staff
    return render(
        request,
        "catalog/insights/health.html",
        {
            "totals": [health.health(kind) for kind in Kind],
            "charts": health.charts(staff=staff),
            "runs": health.runs(),
            "repeats": health.repeats(),
            **_tabs("health"),
        },
    )


@require_safe
def download(request: HttpRequest, name: str, form: str) -> HttpResponse:
    shown = pages.page_of(name)
    selection = selection_from(request.GET, shown.options if shown else {})
    chart = pages.chart(name, selection)
    if chart is None:
        raise Http404("no chart of that name")
    if form == "json":
        return JsonResponse(chart.as_json(), json_dumps_params={"ensure_ascii": False})
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow([heading.key for heading in chart.headings])
    writer.writerows(chart.rows)
    return response


def _tabs(current: str) -> dict[str, object]:
    return {"tabs": pages.PAGES.values(), "current": current}
