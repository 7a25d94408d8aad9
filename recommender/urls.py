from django.urls import path

from recommender import views

app_name = "recommender"
urlpatterns = [
    path("picks/", views.picks, name="picks"),
    path("items/<str:item_id>/similar/", views.similar, name="similar"),
    path("for-you/", views.for_you, name="for_you"),
    path("model/", views.about_model, name="about_model"),
]
