from django.urls import path

from recommender import (
    views,
    views_control,
    views_for_you,
    views_home,
    views_how,
    views_start,
    views_trail,
)

app_name = "recommender"
urlpatterns = [
    path("rows/", views_home.rows, name="rows"),
    path("picks/", views.picks, name="picks"),
    path("items/<str:item_id>/similar/", views.similar, name="similar"),
    path("for-you/", views_for_you.for_you, name="for_you"),
    path("for-you/list/", views_for_you.list_for_you, name="list_for_you"),
    path("trail/", views_trail.how_here, name="how_here"),
    path("dismiss/", views_control.dismiss, name="dismiss"),
    path("for-you/dial/", views_for_you.turn_dial, name="turn_dial"),
    path("how-it-works/", views_how.how, name="how"),
    path("start/", views_start.start, name="start"),
    path("start/found/", views_start.start_found, name="start_found"),
    path("start/list/", views_start.start_list, name="start_list"),
    path("model/", views_how.moved, name="about_model"),
]
