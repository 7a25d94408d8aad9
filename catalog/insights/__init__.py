"""What the catalogue looks like as a whole: charts, each with a sentence, a table and a count.

`pages.show(page, selection)` is the one entry; see docs/adr/0017-charts.md.
"""
