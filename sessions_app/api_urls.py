from django.urls import path

from sessions_app import api

urlpatterns = [path("events/", api.Events.as_view(), name="api-events")]
