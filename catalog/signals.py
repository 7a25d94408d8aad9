"""What the catalogue tells the layers above it, without knowing them."""

from django.dispatch import Signal

# Sent by the item page with `request` and `item`, before the page is rendered. A receiver that
# logs the view leaves its id in `request.view_id` so that the page can report dwell time.
item_page_opened = Signal()

# Sent by the search page with `request` and `query`.
title_searched = Signal()
