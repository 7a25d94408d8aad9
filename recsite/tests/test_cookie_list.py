"""The privacy page names every cookie, also that of a layer which its app does not reach."""

from recsite import theme
from sessions_app import cookies


def test_the_cookie_of_the_theme_is_called_as_the_privacy_page_says() -> None:
    assert cookies.THEME == theme.COOKIE
    life = {cookie.name: cookie.life for cookie in cookies.cookies()}[theme.COOKIE]
    assert theme.A_YEAR == 365 * 24 * 3600
    assert life == "1 year"
