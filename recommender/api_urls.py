from django.urls import path

from recommender import api

urlpatterns = [
    path("items/<str:item_id>/similar/", api.SimilarItems.as_view(), name="api-similar"),
    path("recommendations/", api.Recommendations.as_view(), name="api-recommendations"),
    path("models/", api.ModelList.as_view(), name="api-models"),
    path("models/current/", api.CurrentModel.as_view(), name="api-current-model"),
]
