"""What somebody does who looks at pages: waits for them, answers a question, leaves a trail."""

from collections.abc import Sequence

from playwright.sync_api import Page

from recsite.tests.pages_of_the_site import BOOK, FILM, TRACK
from recsite.tests.site import PASSWORD

STILL = 100  # ms without a request after which a page is taken to be whole
# Down the page first, where that is asked for: some of it waits to be seen.
WHOLE = f"""async (scrolled) => {{
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  const pending = () => document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling");
  if (document.readyState !== "complete") await new Promise((go) => addEventListener("load", go));
  if (scrolled) {{
    for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {{
      scrollTo({{ top, behavior: "instant" }});
      await pause(20);
    }}
    scrollTo({{ top: 0, behavior: "instant" }});
  }}
  let seen = -1;
  for (let tries = 0; tries < 150; tries += 1) {{
    await pause({STILL});
    const now = performance.getEntriesByType("resource").length;
    if (!pending() && now === seen) return true;
    seen = now;
  }}
  return false;
}}"""


def whole(page: Page, *, scrolled: bool = False) -> None:
    """Waits until every fragment has come; `scrolled` down first, for those that wait for it."""
    assert page.evaluate(WHOLE, scrolled), f"{page.url} does not come to rest"


def answer_consent(page: Page, *, agree: bool) -> None:
    """Says yes or no where the page asks whether a visit may be stored."""
    answer = "yes" if agree else "no"
    button = page.locator(f"form[action*='consent'] button[value='{answer}']")
    if button.count():
        button.first.click()
        page.wait_for_load_state()


def leave_a_trail(page: Page, addresses: Sequence[str] = (FILM, BOOK, TRACK)) -> None:
    for address in addresses:
        page.goto(address)


def sign_up(page: Page, name: str) -> None:
    """A new account; what this browser did so far goes along."""
    page.goto("/account/sign-up/")
    page.get_by_label("Username").fill(name)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.locator("main form").get_by_role("button").first.click()
    page.wait_for_load_state()
