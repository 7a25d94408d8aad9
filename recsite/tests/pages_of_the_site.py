"""Every public page of the site, each with an address that is ready to be opened.

Checks of all pages (accessibility, the CSP, screenshots) read this one list. The addresses are good
for a site with the starter catalogue. A route that answers no page stands in NOT_PAGES with the
reason; `test_pages_of_the_site.py` fails for a route that is in neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass

FILM = "/items/Movie_blade-runner-1982/"
BOOK = "/items/Book_dune-1965/"
TRACK = "/items/Music_blue-monday-1983/"


@dataclass(frozen=True)
class SitePage:
    """`name` is a word for file names, `view` what the URLconf calls the page; a path that no
    route knows has none.

    `signed_in` pages are for an account. `main` are those of the core path, looked at in more
    ways than the others.
    """

    name: str
    view: str
    address: str
    signed_in: bool = False
    main: bool = False
    status: int = 200


PAGES = (
    SitePage("home", "home", "/", main=True),
    SitePage("start", "recommender:start", "/start/", main=True),
    SitePage("start-strange", "recommender:start", "/start/?text=zzzzqqqq"),
    SitePage(
        "start-list",
        "recommender:start_list",
        "/start/list/?item=Movie_blade-runner-1982&item=Book_dune-1965",
        main=True,
    ),
    SitePage("item-film", "catalog:item", FILM, main=True),
    SitePage("item-track", "catalog:item", TRACK),
    SitePage("item-book", "catalog:item", BOOK),
    SitePage("for-you", "recommender:for_you", "/for-you/", main=True),
    SitePage("for-you-turned", "recommender:for_you", "/for-you/?vibe=80&surprise=70&book=0"),
    SitePage("how-here", "recommender:how_here", "/trail/"),
    SitePage("search", "catalog:search", "/search/?q=amelie", main=True),
    SitePage("search-nothing", "catalog:search", "/search/?q=zzzzqqqq"),
    SitePage("browse", "catalog:browse_all", "/browse/"),
    SitePage("movies", "catalog:browse", "/movies/?genre=drama&decade=1970"),
    SitePage("music", "catalog:browse", "/music/?mood=calm", main=True),
    SitePage("books", "catalog:browse", "/books/"),
    SitePage("person", "catalog:person", "/people/akira-kurosawa/"),
    SitePage("genres", "catalog:genres", "/genres/"),
    SitePage("genre", "catalog:genre", "/genres/drama/"),
    SitePage("vocabulary", "catalog:vocabulary", "/vocabulary/"),
    SitePage("word", "catalog:word", "/vocabulary/night/"),
    SitePage("picture-credits", "catalog:picture_credits", "/pictures/"),
    SitePage("insights", "catalog:insights", "/insights/"),
    SitePage("insights-movies", "catalog:insights_page", "/insights/movies/"),
    SitePage("insights-music", "catalog:insights_page", "/insights/music/"),
    SitePage("insights-books", "catalog:insights_page", "/insights/books/"),
    SitePage("insights-across", "catalog:insights_page", "/insights/across/"),
    SitePage("insights-health", "catalog:insights_health", "/insights/health/"),
    SitePage("how-it-works", "recommender:how", "/how-it-works/", main=True),
    SitePage("sign-in", "sessions:sign_in", "/account/sign-in/", main=True),
    SitePage("sign-up", "sessions:sign_up", "/account/sign-up/"),
    SitePage("privacy", "sessions:privacy", "/privacy/"),
    SitePage("settings", "sessions:settings", "/settings/", main=True),
    SitePage("hidden", "sessions:hidden", "/hidden/", main=True),
    SitePage("saved", "sessions:saved", "/account/saved/"),
    SitePage("data", "sessions:data", "/my-data/"),
    SitePage("forget", "sessions:forget", "/forget/"),
    SitePage("profile", "sessions:profile", "/account/", signed_in=True, main=True),
    SitePage("history", "sessions:history", "/account/history/", signed_in=True),
    SitePage("ratings", "sessions:ratings", "/account/ratings/", signed_in=True),
    SitePage("saved-account", "sessions:saved", "/account/saved/", signed_in=True),
    SitePage("data-account", "sessions:data", "/my-data/", signed_in=True),
    SitePage("settings-account", "sessions:settings", "/settings/", signed_in=True),
    SitePage("delete-account", "sessions:delete_account", "/account/delete/", signed_in=True),
    SitePage("api-docs", "api-docs", "/api/docs/"),
    SitePage("offline", "offline", "/offline/"),
    SitePage("not-found", "", "/of-no-kind/", status=404),
)

FRAGMENT = "a part of a page, fetched by it"
ACTION = "takes a form"
PICTURE = "a picture"
FILE = "a file to download"
SCRIPT = "a script"
JSON = "JSON for programs"
REDIRECT = "sends on to another address"

NOT_PAGES = {
    "favicon.ico": REDIRECT,
    "healthz": JSON,
    "api-schema": FILE,
    "manifest": JSON,
    "offline_worker": SCRIPT,
    "theme": ACTION,
    "api-items": JSON,
    "api-item": JSON,
    "api-events": JSON,
    "api-similar": JSON,
    "api-recommendations": JSON,
    "api-models": JSON,
    "api-current-model": JSON,
    "catalog:suggest": FRAGMENT,
    "catalog:cover": PICTURE,
    "catalog:picture": PICTURE,
    "catalog:insights_data": FILE,
    "recommender:about_model": REDIRECT,
    "recommender:picks": FRAGMENT,
    "recommender:rows": FRAGMENT,
    "recommender:similar": FRAGMENT,
    "recommender:list_for_you": FRAGMENT,
    "recommender:start_found": FRAGMENT,
    "recommender:turn_dial": ACTION,
    "recommender:dismiss": ACTION,
    "sessions:sign_out": ACTION,
    "sessions:dwell": ACTION,
    "sessions:react": ACTION,
    "sessions:remove_step": ACTION,
    "sessions:start_over": ACTION,
    "sessions:undo": ACTION,
    "sessions:consent": ACTION,
    "sessions:pause": ACTION,
    "sessions:seen": ACTION,
    "sessions:hide_genre": ACTION,
    "sessions:show_again": ACTION,
    "sessions:delete_visit": ACTION,
    "sessions:data_file": FILE,
    "sessions:trail": FRAGMENT,
}


def pages(*, only: str = "", signed_in: bool | None = None) -> Iterator[SitePage]:
    """The pages in order; `only` names some, between commas. Raises ValueError for a name that no
    page has."""
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    unknown = set(wanted) - {page.name for page in PAGES}
    if unknown:
        raise ValueError(f"No page is called {', '.join(sorted(unknown))}.")
    for page in PAGES:
        if (not wanted or page.name in wanted) and signed_in in (None, page.signed_in):
            yield page
