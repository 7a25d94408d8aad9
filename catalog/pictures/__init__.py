"""Posters and covers from providers, where a site turns one on. By default nothing is ever asked.

`providers` says what to ask for an item and which answer is surely its own; `asking` asks, within
limits; `images` makes what came into a small picture of ours; `keeping` is the only writer of
`Picture`; `fetching` is one run over the items that have none yet; `showing` is what pages need.
"""
