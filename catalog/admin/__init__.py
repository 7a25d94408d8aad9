"""The catalogue in the admin, by topic."""

from catalog.admin import items, pictures

__all__ = ["items", "pictures"]
