from typing import Any

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_save

# Books, films and tracks are rows of Item too; what joins item and genre has no model of its own.
_WHAT_PAGES_SHOW = {
    "item", "movie", "track", "book", "item_genres", "genre", "creator", "credit", "kinship",
    "alias", "picture", "term", "genrerule", "soundrule",
}  # fmt: skip


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(_changed, dispatch_uid="catalog.changed")
        from catalog import history

        history.register()


def _changed(sender: Any, raw: bool = False, **_: Any) -> None:
    """One row was written or deleted by itself. What writes in bulk says so itself."""
    meta = sender._meta
    if meta.app_label == "catalog" and meta.model_name in _WHAT_PAGES_SHOW and not raw:
        from catalog.card_cache import cards
        from catalog.revision import note_change

        cards.forget()
        note_change()
