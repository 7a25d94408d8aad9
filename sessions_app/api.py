"""The sessions' part of the API: clients report what their visitors did."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app import services, visitor
from sessions_app.models import EventType
from sessions_app.preferences import preferences_of

MOST_EVENTS = 200
OLDEST = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)


class EventSerializer(serializers.Serializer[Any]):
    """One thing a visitor did."""

    event_id = serializers.UUIDField(
        help_text="Made by the client. Sending an event again under its id changes nothing, "
        "except that a view keeps the longest dwell_ms it was sent with."
    )
    type = serializers.ChoiceField(
        choices=EventType.choices,
        help_text="view: an item was opened. search: titles were searched. like, dislike: an "
        "opinion, the newest counts. hide: not interested, never recommend this item. rate: 1 to "
        "5 stars. save: kept for later. pick: named at the start as loved, a step of the trail.",
    )
    item_id = serializers.CharField(
        max_length=80, required=False, help_text="Every type but search needs one."
    )
    query = serializers.CharField(
        max_length=services.LONGEST_QUERY, required=False, help_text="What was searched."
    )
    rating = serializers.IntegerField(
        min_value=1, max_value=5, required=False, help_text="Of a rate event."
    )
    dwell_ms = serializers.IntegerField(
        min_value=0,
        required=False,
        help_text="Visible time of a view in milliseconds; more than six hours count as six.",
    )
    occurred_at = serializers.DateTimeField(
        required=False, help_text="ISO 8601; now, if absent. At most 30 days ago."
    )

    def validate_occurred_at(self, value: Any) -> Any:
        now = timezone.now()
        if value > now + CLOCK_SKEW:
            raise serializers.ValidationError("This time is in the future.")
        if value < now - OLDEST:
            raise serializers.ValidationError("This time is more than 30 days ago.")
        return min(value, now)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        belongs = {
            "item_id": attrs["type"] != EventType.SEARCH,
            "query": attrs["type"] == EventType.SEARCH,
            "rating": attrs["type"] == EventType.RATE,
        }
        problems = {}
        for name, expected in belongs.items():
            if expected and name not in attrs:
                problems[name] = f"A {attrs['type']} event needs this field."
            elif not expected and name in attrs:
                problems[name] = f"A {attrs['type']} event has no such field."
        if "dwell_ms" in attrs and attrs["type"] != EventType.VIEW:
            problems["dwell_ms"] = "Only a view has a dwell time."
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


class BatchSerializer(serializers.Serializer[Any]):
    events = EventSerializer(  # type: ignore[call-arg]  # the stubs do not know lists
        many=True,
        allow_empty=False,
        max_length=MOST_EVENTS,
        error_messages={
            "empty": "There are no events.",
            "max_length": "A request holds at most {max_length} events: send the rest in another.",
        },
    )


class RecordedSerializer(serializers.Serializer[Any]):
    recorded = serializers.IntegerField(help_text="Events written.")
    repeated = serializers.IntegerField(help_text="Events whose id was known already.")
    unknown_items = serializers.ListField(
        child=serializers.CharField(),
        help_text="Item ids that nobody knows; their events were skipped.",
    )


class NotKept(APIException):
    """The visitor whose cookies came along paused, or said no: nothing of theirs is stored."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This visitor has paused or said no to being stored: nothing was recorded."


class Events(APIView):
    @extend_schema(
        summary="Record what a visitor did",
        description="All or nothing on a malformed request; events on unknown items are skipped "
        "and named. The visitor is the session cookie's: keep that of the answer. Who reports "
        "events of others answers for their consent.",
        tags=["events"],
        request=BatchSerializer,
        responses={
            200: RecordedSerializer,
            400: OpenApiResponse(description="`detail` and `fields`: a sentence per problem."),
            409: OpenApiResponse(description="The visitor has paused or said no: not stored."),
        },
        examples=[
            OpenApiExample(
                "A view of 48 seconds",
                value={
                    "events": [
                        {
                            "event_id": "5f0c3f1e-6f0e-4f6a-9a54-0e3a3f7f2f10",
                            "type": "view",
                            "item_id": "Movie_1",
                            "dwell_ms": 48000,
                        }
                    ]
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        batch = BatchSerializer(data=request.data)
        if not batch.is_valid():
            raise serializers.ValidationError(_problems(batch.errors))
        now = timezone.now()
        events = [
            services.NewEvent(**{"occurred_at": now, **event})
            for event in batch.validated_data["events"]
        ]
        preferences = preferences_of(request._request)
        if preferences.paused or preferences.consent is False:
            raise NotKept
        session = visitor.session_for(request._request, create=True, api=True)
        answer = services.record_events(session=session, events=events)
        return Response(RecordedSerializer(answer).data)


def _problems(errors: Any, place: str = "") -> list[str]:
    """DRF's nested errors as sentences, each with its place: `Event 3, item_id: …`."""
    if not isinstance(errors, dict):
        return [f"{place}: {error}" if place else str(error) for error in errors]
    return [
        problem
        for name, inner in errors.items()
        for problem in _problems(inner, _place(place, name))
    ]


def _place(place: str, name: str | int) -> str:
    """`name` is a field, or the position in the list of events counted from 0."""
    if isinstance(name, int):
        return f"Event {name + 1}"
    if name in ("non_field_errors", "events"):
        return place
    return f"{place}, {name}" if place else name
