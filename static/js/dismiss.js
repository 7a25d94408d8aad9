// Not interested, on a card: the next card of its row takes its place and the focus; undo brings
// the title back. Without this file the form is sent, and the page comes back with the undo bar.
"use strict";
(() => {
  const form = document.getElementById("dismiss");
  if (!form || !window.htmx) return;

  const cardOf = (node) => node?.closest(".card");
  const idsIn = (place) => {
    const paths = [...place.querySelectorAll("a[href*='/items/']")].map((link) => link.pathname);
    const ids = paths.map((path) => /\/items\/([^/]+)\//.exec(path)?.[1]);
    return [...new Set(ids.filter(Boolean).map(decodeURIComponent))];
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const card = cardOf(button);
    if (!card) return;
    event.preventDefault();
    if (card.getAttribute("aria-busy") === "true") return; // pressed twice
    card.setAttribute("aria-busy", "true");
    const neighbour = card.nextElementSibling || card.previousElementSibling;
    const place = document.createComment("");
    card.before(place);
    const values = {
      item_id: button.value,
      row: card.closest("section")?.getAttribute("aria-labelledby") || "",
      shown: idsIn(document.querySelector("main")).join(","),
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    };
    window.htmx.ajax("POST", form.action, { target: card, swap: "outerHTML", values }).then(() => {
      const next = place.nextElementSibling;
      place.remove();
      if (card.isConnected) return card.removeAttribute("aria-busy"); // refused
      for (const same of document.querySelectorAll(`.card [form=dismiss]`)) {
        if (same.value === button.value) cardOf(same).remove();
      }
      const focused = next?.matches(".card") ? next : neighbour;
      focused?.querySelector(".card__link")?.focus({ preventScroll: true });
    });
  });

  // After an undo the bar is gone and rows come again: the focus goes to where the title is, or to
  // the content, unless it has been moved meanwhile.
  let awaited = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const bar = event.detail.elt;
    if (bar.matches?.("[data-undo]")) awaited = { id: bar.elements.id.value, until: Date.now() + 5000 };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!awaited || Date.now() > awaited.until || document.querySelector("#undo form")) return;
    const main = document.getElementById("main");
    if (![document.body, main].includes(document.activeElement)) return;
    const buttons = [...document.querySelectorAll(".card [form=dismiss]")];
    const back = cardOf(buttons.find((button) => button.value === awaited.id));
    (back?.querySelector(".card__link") || main).focus({ preventScroll: !back });
  });
})();
