"""No page asks anybody but the site itself: what it says in its headers, what stands in its text,
and what a real Chromium does with it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.pages_of_the_site import FILM, SitePage, pages
from recsite.tests.site import Site
from recsite.tests.walking import leave_a_trail, sign_up, whole

pytestmark = pytest.mark.browser

POLICY = "content-security-policy"
ALLOWED = {"'self'", "'none'", "data:"}
# Swagger UI writes inline styles, on its own page.
INLINE_STYLE = {"api-docs"}
# What a browser fetches or sends to by itself, or at a press; a link may lead anywhere.
FETCHED = {"src", "srcset", "action", "formaction", "data", "poster", "hx-get", "hx-post"}
ADDRESS = re.compile(r"[a-z]+://[^\s\"',;)]+", re.IGNORECASE)
LISTEN = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"""


class Inside(HTMLParser):
    """What is inline in a page, and every address that it fetches or sends to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(f"<{tag}>")
        self.inline += [f"{tag} {name}" for name in given if is_inline(name)]
        self.addresses += [
            address
            for name, value in given.items()
            if name in FETCHED or (name == "href" and tag in ("link", "use", "image"))
            for address in addresses_in(name, value)
        ]


def is_inline(attribute: str) -> bool:
    return attribute == "style" or re.match(r"on[a-z]|hx-on", attribute) is not None


def addresses_in(attribute: str, value: str) -> list[str]:
    if attribute == "srcset":
        return [part.split()[0] for part in value.split(",") if part.strip()]
    return [value]


def foreign(site: Site, addresses: list[str], base: str) -> list[str]:
    """Those that lead to another origin; `data:` stays in the page."""
    own = urlsplit(site.url)[:2]
    found = (urljoin(site.url + base, address) for address in addresses)
    return [url for url in found if urlsplit(url)[:2] != own and not url.startswith("data:")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The starter catalogue, without a model."""
    with prepared_site(tmp_path_factory.mktemp("csp"), ["seed_starter"]) as site:
        yield site


def faults_of_text(site: Site, one: SitePage, html: str) -> list[str]:
    inside = Inside(html)
    faults = [f"{one.name}: inline {what}" for what in inside.inline]
    return faults + [
        f"{one.name}: another origin: {url}" for url in foreign(site, inside.addresses, one.address)
    ]


def faults_of_headers(site: Site, one: SitePage, headers: dict[str, str]) -> list[str]:
    directives = dict(
        part.strip().partition(" ")[::2] for part in headers.get(POLICY, "").split(";")
    )
    faults = []
    if directives.get("default-src") != "'none'":
        faults.append(f"{one.name}: default-src is {directives.get('default-src')}")
    for directive, sources in directives.items():
        extra = {"'unsafe-inline'"} if directive == "style-src" else set()
        allowed = ALLOWED | (extra if one.name in INLINE_STYLE else set())
        if beyond := set(sources.split()) - allowed:
            faults.append(f"{one.name}: {directive} lets in {beyond}")
    told = [url for value in headers.values() for url in ADDRESS.findall(value)]
    return faults + [f"{one.name}: a header names {url}" for url in foreign(site, told, "/")]


def opened(page: Page, site: Site, one: SitePage) -> list[str]:
    """The faults of a page and of the fragments that came with it."""
    came: list[Response] = []

    def note(response: Response) -> None:
        if "text/html" in response.headers.get("content-type", ""):
            came.append(response)

    page.on("response", note)
    page.goto(one.address)
    whole(page, scrolled=True)
    page.remove_listener("response", note)
    faults = []
    for response in came:
        faults += faults_of_headers(site, one, response.headers)
        faults += faults_of_text(site, one, response.text())
    assert came
    assert came[0].status == one.status, one.name
    return faults


def visit(browser: Browser, site: Site, *, signed_in: bool) -> list[str]:
    """Every page once; its faults, and what the browser said about it."""
    said: list[str] = []
    context = open_context(browser, site, said)
    context.add_init_script(LISTEN)
    page = context.new_page()
    leave_a_trail(page, [FILM])
    if signed_in:
        sign_up(page, "watched")
    whole(page)
    faults = []
    for one in pages(signed_in=signed_in):
        faults += opened(page, site, one)
        # That there is nothing at an address is told as an error, too.
        told = [line for line in said if one.status == 200 or "Failed to load" not in line]
        faults += [f"{one.name}: {line}" for line in told]
        said.clear()
    context.close()
    return faults


def test_no_page_has_anything_inline_or_asks_another_origin(browser: Browser, site: Site) -> None:
    faults = visit(browser, site, signed_in=False)
    assert faults == [], "\n".join(faults)


def test_nor_has_a_page_of_an_account(browser: Browser, site: Site) -> None:
    faults = visit(browser, site, signed_in=True)
    assert faults == [], "\n".join(faults)


def test_an_inline_script_would_not_run_and_would_be_noticed(browser: Browser, site: Site) -> None:
    """The tests above are worth something only if Chromium tells."""
    said: list[str] = []
    context = open_context(browser, site, said)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.goto("/")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          const picture = new Image();
          picture.src = "http://127.0.0.2:9/of-somebody-else.png";
          document.body.append(picture);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert any("CSP: script-src" in line for line in said)
    assert any("CSP: img-src" in line for line in said)
    context.close()


def test_what_is_looked_for_is_found() -> None:
    inside = Inside(
        """<p style="color: red" onclick="go()"></p><script>go()</script>
        <img srcset="/a.png 1x, https://b.example/b.png 2x"><a href="https://fine.example/"></a>
        <form action="https://c.example/"></form>"""
    )
    assert inside.inline == ["p style", "p onclick", "<script>"]
    assert inside.addresses == ["/a.png", "https://b.example/b.png", "https://c.example/"]
