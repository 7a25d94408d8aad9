from django.urls import path

from catalog import api

urlpatterns = [
    path("items/", api.ItemList.as_view(), name="api-items"),
    path("items/<str:item_id>/", api.ItemDetail.as_view(), name="api-item"),
]
