from django.urls import path

from sessions_app import views, views_control, views_data, views_profile

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
    path("session/seen/", views_control.seen, name="seen"),
    path("hidden/", views_control.hidden, name="hidden"),
    path("hidden/genre/", views_control.hide_genre, name="hide_genre"),
    path("hidden/again/", views_control.show_again, name="show_again"),
    path("settings/", views_control.settings_page, name="settings"),
    path("privacy/", views_control.privacy, name="privacy"),
    path("forget/", views_data.forget, name="forget"),
    path("my-data/", views_data.data, name="data"),
    path("my-data/download/<str:form>/", views_data.data_file, name="data_file"),
    path("account/delete/", views_data.delete_account, name="delete_account"),
]
