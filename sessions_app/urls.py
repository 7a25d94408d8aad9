from django.urls import path

from sessions_app import views, views_profile

app_name = "sessions"

urlpatterns = [
    path("account/sign-up/", views.sign_up, name="sign_up"),
    path("account/sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("account/sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("account/", views_profile.profile, name="profile"),
    path("account/history/", views_profile.history, name="history"),
    path(
        "account/history/<uuid:public_id>/delete/", views_profile.delete_visit, name="delete_visit"
    ),
    path("account/ratings/", views_profile.ratings, name="ratings"),
    path("account/saved/", views_profile.saved, name="saved"),
    path("session/dwell/", views.dwell, name="dwell"),
    path("session/react/", views.react, name="react"),
    path("session/steps/<uuid:event_id>/remove/", views.remove_step, name="remove_step"),
    path("session/start-over/", views.start_over, name="start_over"),
    path("session/trail/", views.trail, name="trail"),
    path("session/undo/", views.take_back, name="undo"),
    path("session/consent/", views.answer_consent, name="consent"),
    path("session/pause/", views.pause, name="pause"),
]
