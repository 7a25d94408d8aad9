"""What visitors send: sign-up, dwell time, reactions. Every refusal is a sentence."""

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app import undo
from sessions_app.models import EventType

_TYPES = (
    EventType.LIKE,
    EventType.DISLIKE,
    EventType.HIDE,
    EventType.RATE,
    EventType.SAVE,
)
TAKE_BACK = "un"  # "unlike" takes a "like" back


class SignUpForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)


class DwellForm(forms.Form):
    view_id = forms.UUIDField(
        error_messages={
            "required": _("view_id is missing: it is the id of the view that the page reports on."),
            "invalid": _("view_id is not a UUID."),
        }
    )
    dwell_ms = forms.IntegerField(
        min_value=0,
        error_messages={
            "required": _("dwell_ms is missing: the visible time in milliseconds."),
            "invalid": _("dwell_ms is not a whole number of milliseconds."),
            "min_value": _("dwell_ms is negative."),
        },
    )


class ReactionForm(forms.Form):
    item_id = forms.CharField(
        max_length=80, error_messages={"required": _("item_id is missing: which item is it about?")}
    )
    action = forms.ChoiceField(
        choices=[(prefix + kind, prefix + kind) for prefix in ("", TAKE_BACK) for kind in _TYPES],
        error_messages={
            "required": _("action is missing: like, dislike, hide, rate or save."),
            "invalid_choice": _(
                "action is %(value)s: it must be like, dislike, hide, rate or save, or one of "
                "them with 'un' before it."
            ),
        },
    )
    rating = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=5,
        error_messages={
            "invalid": _("rating is not a whole number from 1 to 5."),
            "min_value": _("rating is below 1."),
            "max_value": _("rating is above 5."),
        },
    )
    event_id = forms.UUIDField(
        required=False, error_messages={"invalid": _("event_id is not a UUID.")}
    )

    def clean(self) -> None:
        super().clean()
        rates = self.cleaned_data.get("action") == EventType.RATE
        if rates and self.cleaned_data.get("rating") is None and "rating" not in self.errors:
            raise forms.ValidationError(_("rating is missing: 1 to 5 stars."))
        if not rates:
            self.cleaned_data["rating"] = None


def _one_of(name: str, *values: str) -> forms.ChoiceField:
    known = " or ".join(values)  # what a form sends: no language has other words for it
    return forms.ChoiceField(
        choices=[(value, value) for value in values],
        error_messages={
            "required": format_lazy(_("{name} is missing: {known}."), name=name, known=known),
            "invalid_choice": format_lazy(
                _("{name} is %(value)s: it must be {known}."), name=name, known=known
            ),
        },
    )


class UndoForm(forms.Form):
    what = _one_of("what", *undo.WHATS)
    id = forms.CharField(max_length=200, required=False)


class ConsentForm(forms.Form):
    answer = _one_of("answer", "yes", "no")


class PauseForm(forms.Form):
    paused = _one_of("paused", "yes", "no")


def sentences(form: forms.BaseForm) -> str:
    """Every problem of a form, one after the other."""
    return " ".join(str(message) for messages in form.errors.values() for message in messages)
