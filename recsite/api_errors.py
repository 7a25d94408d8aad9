"""Every error of the API is JSON with one sentence under `detail`."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.defaults import page_not_found, server_error
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler


def sentence_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer, with `detail` a sentence; field errors stay beside it under `fields`."""
    if isinstance(error, RequestDataTooBig):  # which DRF does not know, and Django answers in HTML
        return Response({"detail": "The request is too large."}, status=413)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.data = {"detail": " ".join(_sentences(response.data)), "fields": response.data}
    elif isinstance(error, Http404):
        # Django's own message names a model; ours names what was asked for.
        response.data = {"detail": str(error) if error.args else "Nothing is there."}
    return response


def _sentences(data: Any, name: str = "") -> list[str]:
    if isinstance(data, dict):
        return [s for key, value in data.items() for s in _sentences(value, str(key))]
    if isinstance(data, list):
        return [s for value in data for s in _sentences(value, name)]
    label = "" if name in ("", "detail", "non_field_errors") else f"{name}: "
    return [f"{label}{data}"]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: a sentence for the API's callers, a page for everybody else."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": f"There is nothing at {request.path}."}, status=404)
    return page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponseBase:
    """500: likewise. What happened is in the log, not in the answer."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"detail": "The server failed to answer; the failure has been logged."}, status=500
        )
    return server_error(request)
