"""Pictures in the admin: what was fetched, what failed, what is turned on, an editor's own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from kombu.exceptions import OperationalError

from catalog import tasks
from catalog.models import Picture
from catalog.pictures import fetching, images, keeping, providers, showing
from catalog.pictures.asking import MOST_PICTURE_BYTES

_SEEN = (
    "item",
    "large",
    "status",
    "provider",
    "attribution",
    "source_page",
    "width",
    "height",
    "tried_at",
    "tries",
    "error",
)


class UploadForm(forms.ModelForm):
    """An editor's own picture of an item, in the place of any other."""

    upload = forms.FileField(
        label="Picture",
        help_text=f"JPEG, PNG or WebP, at most {MOST_PICTURE_BYTES / 1e6:g} MB. It is kept at "
        f"most {images.WIDEST} pixels wide, without what a camera writes beside the picture.",
    )

    source_page = forms.URLField(
        required=False, max_length=500, assume_scheme="https", help_text="Where it is from."
    )

    class Meta:
        model = Picture
        fields = ("item", "attribution", "source_page")

    def clean_upload(self) -> bytes:
        upload: UploadedFile = self.cleaned_data["upload"]
        if (upload.size or 0) > MOST_PICTURE_BYTES:
            raise forms.ValidationError(f"It has more than {MOST_PICTURE_BYTES / 1e6:g} MB.")
        data = upload.read()
        try:
            images.prepared(data)
        except images.NotAPictureError as error:
            raise forms.ValidationError(f"It cannot be used: {error}.") from error
        return data

    def validate_unique(self) -> None:
        """The picture that the item has is replaced."""


@admin.register(Picture)
class PictureAdmin(admin.ModelAdmin):
    change_list_template = "admin/catalog/picture/change_list.html"
    list_display = ("small", "item", "status", "error", "provider", "tried_at", "tries")
    list_display_links = ("small", "item")
    list_filter = ("status", "provider", "item__kind")
    list_select_related = ("item",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("item__title_key", "item__title", "item__item_id", "error")
    search_help_text = "Title, item id or error"
    raw_id_fields = ("item",)
    actions = ("forget_and_fetch", "use_drawn_cover")

    def has_change_permission(self, request: HttpRequest, obj: Picture | None = None) -> bool:
        # A row is not typed in: the actions change it, and an upload replaces it.
        return obj is None and super().has_change_permission(request)

    def get_fields(self, request: HttpRequest, obj: Picture | None = None) -> tuple[str, ...]:
        return _SEEN if obj else ("item", "upload", "attribution", "source_page")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Picture | None = None
    ) -> tuple[str, ...]:
        return _SEEN if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Picture | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = forms.ModelForm if obj else UploadForm
        return super().get_form(request, obj, change, form=form, **kwargs)

    def save_model(self, request: HttpRequest, obj: Picture, form: Any, change: bool) -> None:
        kept = keeping.keep_upload(
            item=obj.item,
            data=form.cleaned_data["upload"],
            attribution=obj.attribution,
            source_page=obj.source_page,
            now=timezone.now(),
        )
        obj.pk = kept.pk
        obj.refresh_from_db()

    @admin.display(description="")
    def small(self, picture: Picture) -> SafeString | str:
        return _shown(picture, height=48)

    @admin.display(description="Picture")
    def large(self, picture: Picture) -> SafeString | str:
        return _shown(picture, height=320)

    @admin.action(description="Forget and fetch again", permissions=["change"])
    def forget_and_fetch(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        pictures = list(queryset.select_related("item"))
        item_ids = [picture.item.item_id for picture in pictures]
        count = keeping.forget(pictures=pictures)
        messages.success(request, f"{count} picture(s) forgotten; the drawn covers are shown.")
        _queue(request, item_ids)

    @admin.action(description="Use the drawn cover instead", permissions=["change"])
    def use_drawn_cover(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        count = keeping.use_drawn(pictures=queryset.select_related("item"), now=timezone.now())
        messages.success(request, f"{count} item(s) keep their drawn cover from now on.")

    def get_urls(self) -> list[URLPattern]:
        fetch = path(
            "fetch-now/",
            self.admin_site.admin_view(self.fetch_now),
            name="catalog_pictures_fetch_now",
        )
        return [fetch, *super().get_urls()]

    def fetch_now(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and self.has_change_permission(request):
            _queue(request, None)
        else:
            messages.error(request, "A run is started by an editor with its button.")
        return HttpResponseRedirect(reverse("admin:catalog_picture_changelist"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {source.label: source.count for source in showing.sources()}
        rows = [
            {
                "provider": provider,
                "kind": provider.kind.label,
                "on": provider.on(),
                "rests_until": fetching.resting_until(provider),
                "count": shown.get(provider.label, 0),
            }
            for provider in providers.PROVIDERS
        ]
        more = {
            "providers": rows,
            "may_fetch": self.has_change_permission(request) and bool(providers.active()),
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})


def _shown(picture: Picture, *, height: int) -> SafeString | str:
    if picture.status != Picture.Status.FOUND or not picture.file:
        return "–"
    url = showing.picture_url(picture.item, picture)
    return format_html('<img src="{}" alt="" height="{}" loading="lazy">', url, height)


def _queue(request: HttpRequest, item_ids: list[str] | None) -> None:
    """Hand a run to the worker and tell the editor, also when there is nothing to ask or nobody."""
    if not providers.active():
        messages.warning(request, "No provider is turned on: nothing will be asked.")
        return
    try:
        tasks.fetch_pictures.delay(item_ids)
    except (OperationalError, OSError) as error:
        messages.error(request, f"The queue does not answer, nothing was queued: {error}")
        return
    messages.success(request, "A run is queued; what it finds appears in this list.")
