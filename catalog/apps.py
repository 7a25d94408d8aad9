from typing import Any

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_save


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(_forget_cards, dispatch_uid="catalog.card_cache")


def _forget_cards(sender: Any, **_: Any) -> None:
    if sender._meta.app_label == "catalog":
        from catalog.card_cache import cards

        cards.forget()
