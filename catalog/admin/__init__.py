"""The catalogue in the admin, by topic."""

from catalog.admin import items, pictures, quality, vocabulary

__all__ = ["items", "pictures", "quality", "vocabulary"]
