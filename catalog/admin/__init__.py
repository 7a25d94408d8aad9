"""The catalogue in the admin, by topic."""

from catalog.admin import items

__all__ = ["items"]
