from django.urls import path

from sessions_app import views

app_name = "sessions"

urlpatterns = [
    path("account/sign-up/", views.sign_up, name="sign_up"),
    path("account/sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("account/sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("session/dwell/", views.dwell, name="dwell"),
    path("session/react/", views.react, name="react"),
    path("session/steps/<uuid:event_id>/remove/", views.remove_step, name="remove_step"),
    path("session/start-over/", views.start_over, name="start_over"),
    path("session/trail/", views.trail, name="trail"),
    path("trail/", views.how_here, name="how_here"),
    path("session/undo/", views.take_back, name="undo"),
    path("session/consent/", views.answer_consent, name="consent"),
    path("session/pause/", views.pause, name="pause"),
]
