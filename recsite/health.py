"""What a load balancer or the supervisor asks: is this process able to answer?"""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 with `{"status": "ok"}` when the database answers, else 503 with the reason.

    A missing model, cache or broker does not make the site unhealthy: it serves without them.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({"status": "no database", "detail": str(error)}, status=503)
    return JsonResponse({"status": "ok"})
