"""The month in full: Django shortens it."""

DATE_FORMAT = "j F Y"
