"""The recommender's part of the API: recommendations, similar items, model versions."""

from functools import partial
from typing import Any, get_args

from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api import ItemSerializer
from catalog.merging import items_by_id
from catalog.models import Item, Kind
from recommender import answers, status
from recommender.barring import never_shown
from recommender.models import ModelVersion
from recommender.reasons import Family
from recommender.services import recommend, recommend_for
from recommender.services import similar as similar_cards
from sessions_app.preferences import FULL, POSITIONS, Dial, preferences_of
from sessions_app.visitor import visit_of


def _ids(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=80), **kwargs)


def _position(said: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=FULL, required=False, help_text=said)


class SimilarQuery(serializers.Serializer[Any]):
    k = serializers.IntegerField(min_value=1, max_value=100, default=8)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, allow_null=True)


class CurrentQuery(serializers.Serializer[Any]):
    """What a list may be asked for. Any position of the dial stands for a whole dial, the others
    in the middle."""

    k = serializers.IntegerField(min_value=1, max_value=100, default=12)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, allow_null=True)
    exclude = _ids(default=list, max_length=500, help_text="Item ids that must not come back.")
    vibe = _position(
        "The dial: 0 raises what shares genres, creators and the decade with the steps, 100 what "
        "shares themes, moods and sound; 50 leaves the order to the model."
    )
    surprise = _position("0 raises what is well known, 100 what few know, 50 neither.")
    movie = _position("How many movies, relative to tracks and books. 0 is none, alike is as ever.")
    track = _position("How many tracks, relative to the others.")
    book = _position("How many books, relative to the others.")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Gathers the positions into `dial`; None where none is given."""
        given = {name: values.pop(name) for name in POSITIONS if name in values}
        return {**values, "dial": Dial.read(given) if given else None}


class PostedQuery(CurrentQuery):
    hidden_genres = _ids(
        default=list, max_length=100, help_text="Slugs of genres of which nothing may come back."
    )
    items = _ids(max_length=200, help_text="Item ids in the order they were opened, oldest first.")


class CardItemSerializer(ItemSerializer):
    """As `ItemSerializer`, made once for as long as the card cache keeps the item."""

    def to_representation(self, instance: Item) -> dict[str, Any]:
        made: dict[str, Any] | None = instance.__dict__.get("_as_card")
        if made is None:
            made = instance.__dict__["_as_card"] = super().to_representation(instance)
        return made


class CardSerializer(serializers.Serializer[Any]):
    item = CardItemSerializer()
    score = serializers.FloatField(help_text="Comparable within one answer and one tier only.")
    tier = serializers.ChoiceField(choices=["blend", "content", "popular", "exploring"])
    reason = serializers.CharField(help_text="A true sentence for people.")
    reason_kind = serializers.ChoiceField(
        source="why.kind", choices=list(get_args(Family)), help_text="What the sentence claims."
    )
    because: serializers.SlugRelatedField[Item] = serializers.SlugRelatedField(
        slug_field="item_id", read_only=True, help_text="The step that the card owes its place to."
    )
    parts = serializers.DictField(
        child=serializers.FloatField(),
        help_text="Share of the score that each part of the blend gives.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    cards = CardSerializer(many=True)
    tier = serializers.ChoiceField(choices=["blend", "content", "popular", "exploring"])
    model_version = serializers.CharField(allow_null=True)
    steps = serializers.IntegerField(help_text="How many of the ids were used.")
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Skipped ids.")


# Made once: a serializer copies its fields, those of its items too, whenever it is made.
ANSWER = AnswerSerializer()


class Recommendations(APIView):
    @extend_schema(
        summary="What follows the current session",
        description="For the visitor of the browser's cookies: without what they hid or did not "
        "like, without the genres they hid, and, unless they asked for it, without what they saw. "
        "Without a position of the dial it is as the visitor set it.",
        tags=["recommendations"],
        parameters=[CurrentQuery],
        responses=AnswerSerializer,
    )
    def get(self, request: Request) -> Response:
        values = request.query_params.dict()
        # `exclude=a&exclude=b` and `exclude=a,b` are both common.
        exclude = [i for part in request.query_params.getlist("exclude") for i in part.split(",")]
        query = CurrentQuery(data={**values, "exclude": [i for i in exclude if i]})
        query.is_valid(raise_exception=True)
        asked = request._request
        answer = recommend_for(
            visit_of(asked), preferences=preferences_of(asked), **query.validated_data
        )
        return Response(ANSWER.to_representation(answer))

    @extend_schema(
        summary="What follows a list of items",
        tags=["recommendations"],
        request=PostedQuery,
        responses=AnswerSerializer,
    )
    def post(self, request: Request) -> HttpResponse:
        media = str(request.accepted_media_type)
        question = f"{request.content_type} {media} ".encode() + request._request.body
        return HttpResponse(answers.remembered(question, partial(_rendered, request)), media)


def _rendered(request: Request) -> bytes:
    """The answer to a posted query. Raises ValidationError on one that is not right."""
    query = PostedQuery(data=request.data)
    query.is_valid(raise_exception=True)
    values = dict(query.validated_data)
    dial = values.pop("dial") or Dial()
    answer = recommend(steps=values.pop("items"), dial=dial, **values)
    rendered = request.accepted_renderer.render(
        ANSWER.to_representation(answer), request.accepted_media_type
    )
    return rendered if isinstance(rendered, bytes) else rendered.encode()


class SimilarItems(APIView):
    @extend_schema(
        summary="Items with like content",
        tags=["items"],
        parameters=[SimilarQuery],
        responses=CardSerializer(many=True),
    )
    def get(self, request: Request, item_id: str) -> Response:
        query = SimilarQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        item = items_by_id([item_id]).get(item_id)
        if item is None:
            raise Http404(f"No item has the id {item_id!r}.")
        asked = request._request
        cards = similar_cards(
            item=item,
            **query.validated_data,
            exclude=never_shown(visit_of(asked)),
            hidden_genres=preferences_of(asked).hidden_genres,
        )
        return Response(CardSerializer(cards, many=True).data)


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    trained_on = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = [
            "name",
            "created_at",
            "is_serving",
            "serving_since",
            "preset",
            "metrics",
            "comparison",
            "trained_on",
            "data_summary",
            "gate_passed",
            "gate_reason",
            "curves",
            "train_seconds",
        ]

    def get_trained_on(self, version: ModelVersion) -> str:
        return status.traffic_in_words(version)


class CurrentModelSerializer(serializers.Serializer[Any]):
    version = ModelVersionSerializer(allow_null=True)
    loaded = serializers.CharField(allow_null=True, help_text="In the process that answers.")
    age_seconds = serializers.IntegerField(allow_null=True)
    stale = serializers.BooleanField(help_text="Older than twice its period, new events waiting.")
    events_since = serializers.IntegerField()
    weights = serializers.DictField(
        child=serializers.FloatField(), help_text="Per cent that each part of the blend counts."
    )
    training = serializers.BooleanField(help_text="A training runs now.")
    next_training = serializers.DateTimeField(
        allow_null=True, help_text="When the schedule comes round; it may find too little new."
    )
    last_error = serializers.CharField(allow_null=True, help_text="In a sentence for everybody.")
    last_error_at = serializers.DateTimeField(allow_null=True)


@extend_schema(summary="Trained versions, newest first", tags=["models"])
class ModelList(generics.ListAPIView[ModelVersion]):
    queryset = ModelVersion.objects.all()
    serializer_class = ModelVersionSerializer

    @property
    def paginator(self) -> Any:
        return None


class CurrentModel(APIView):
    @extend_schema(
        summary="The version that is served", tags=["models"], responses=CurrentModelSerializer
    )
    def get(self, request: Request) -> Response:
        now = status.current_status()
        failed = now.last_failure
        return Response(
            CurrentModelSerializer(
                {
                    "version": now.version,
                    "loaded": now.loaded,
                    "age_seconds": int(now.age.total_seconds()) if now.age else None,
                    "stale": now.stale,
                    "events_since": now.events_since,
                    "weights": now.shares,
                    "training": now.running is not None,
                    "next_training": now.next_run,
                    "last_error": status.failure_in_words(failed) if failed else None,
                    "last_error_at": failed.started_at if failed else None,
                }
            ).data
        )
