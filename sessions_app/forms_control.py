"""What visitors send to take things out, to erase and to leave. Every refusal is a sentence."""

from difflib import get_close_matches
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Genre


class GenreForm(forms.Form):
    """One genre, by its name as people write it or as an address has it."""

    genre = forms.CharField(
        label=gettext_lazy("Genre"),
        max_length=90,
        error_messages={"required": gettext_lazy("Name the genre that you want to hide.")},
        widget=forms.TextInput({"list": "genre-names", "autocomplete": "off"}),
    )

    def clean_genre(self) -> Genre:
        written = self.cleaned_data["genre"]
        found = Genre.objects.filter(slug=written) or Genre.objects.filter(name__iexact=written)
        if not found:
            raise forms.ValidationError(self._unknown(written))
        return found[0]

    def _unknown(self, written: str) -> str:
        names = {name.casefold(): name for name in Genre.objects.values_list("name", flat=True)}
        near = get_close_matches(written.casefold(), names, n=3)
        if not near:
            return _("There is no genre “%(name)s”.") % {"name": written}
        others = ", ".join(names[name] for name in near)
        return _("There is no genre “%(name)s”. Did you mean %(others)s?") % {
            "name": written,
            "others": others,
        }


class ShowAgainForm(forms.Form):
    what = forms.ChoiceField(choices=[(what, what) for what in ("hide", "dislike", "genre")])
    id = forms.CharField(max_length=90)


class SeenForm(forms.Form):
    seen = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


class ForgetForm(forms.Form):
    what = forms.ChoiceField(choices=[("visit", "visit"), ("everything", "everything")])


class DeleteAccountForm(forms.Form):
    """The password of who is signed in, so that nobody else at this browser can."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": gettext_lazy("Your password is needed to delete the account.")},
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not the password of this account."))
        return password
