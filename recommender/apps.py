from django.apps import AppConfig


class RecommenderConfig(AppConfig):
    name = "recommender"
    verbose_name = "Recommender"

    def ready(self) -> None:
        # What they keep of the catalogue is made before a visitor asks for it.
        from recommender import start_words, starting  # noqa: F401
