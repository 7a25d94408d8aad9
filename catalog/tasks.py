"""Tasks of the catalogue: call the service, return what it says.

The service is imported inside the task: the scheduler only needs the names.
"""

from celery import shared_task


@shared_task(name="catalog.tasks.fetch_pictures")
def fetch_pictures(item_ids: list[str] | None = None) -> str:
    from catalog.pictures import fetching

    return str(fetching.fetch_pictures(item_ids=item_ids, progress=False))


@shared_task(name="catalog.tasks.apply_vocabulary")
def apply_vocabulary() -> str:
    from catalog import vocabulary

    return str(vocabulary.apply(progress=False))
