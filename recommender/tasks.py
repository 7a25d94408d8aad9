"""Celery tasks: id in, service, return.

The service is imported inside the task, so that the scheduler, which only needs the names,
does not carry PyTorch in memory.
"""

from celery import shared_task


@shared_task(name="recommender.tasks.train")
def train(started_by: str = "schedule", preset: str = "default", force: bool = False) -> str:
    from recommender import runs, training

    try:
        return training.train(started_by=started_by, preset=preset, force=force).status
    except runs.AlreadyTrainingError:
        return "already training"
