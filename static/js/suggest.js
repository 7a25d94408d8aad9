// Suggestions under the search box: a combobox with a list of options in groups. The server makes
// the list; up, down, enter and escape work in the box. Without scripts the form searches.
"use strict";
(() => {
  const form = document.querySelector("[data-suggest]");
  if (!form) return;
  const box = form.querySelector("input[type=search]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[data-suggest-status]");
  const PAUSE_MS = 120;

  let timer = 0;
  let asking = null; // the request on its way
  let shown = ""; // what the list belongs to
  let active = -1;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  const typed = () => box.value.trim().replace(/\s+/g, " ");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const isOpen = () => !list.hidden;

  function open() {
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }

  function close() {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    activate(-1);
    status.textContent = "";
  }

  function activate(place) {
    const all = options();
    all.forEach((option, other) => option.setAttribute("aria-selected", String(other === place)));
    active = place;
    if (place < 0 || !all[place]) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    box.setAttribute("aria-activedescendant", all[place].id);
    all[place].scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    const query = typed();
    if (asking) asking.abort();
    if (!query) return close();
    const request = new AbortController();
    asking = request;
    try {
      const address = `${form.dataset.suggest}?q=${encodeURIComponent(query)}`;
      const answer = await fetch(address, { signal: request.signal });
      if (!answer.ok || answer.status === 204) return close();
      const fragment = await answer.text();
      if (asking !== request) return; // something else was typed meanwhile
      list.innerHTML = fragment;
      shown = query;
      activate(-1);
      open();
      status.textContent = list.querySelector("[data-said]")?.dataset.said || "";
    } catch (error) {
      // Aborted, or no network: the box goes on without suggestions.
      if (error.name !== "AbortError") close();
    } finally {
      if (asking === request) asking = null;
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to the input method
    const count = options().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const down = event.key === "ArrowDown";
      if (shown !== typed() || !count) {
        // The list is of what was typed before: the key is for the one that is coming.
        clearTimeout(timer);
        ask().then(() => isOpen() && activate(down ? 0 : options().length - 1));
        return;
      }
      if (!isOpen()) open();
      // From the box to the first or last option, and from there back to the box.
      const next = down ? active + 1 : active === -1 ? count - 1 : active - 1;
      activate(next >= count ? -1 : next);
    } else if (event.key === "Enter" && isOpen() && active >= 0) {
      event.preventDefault();
      options()[active].click();
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault(); // what was typed stays
      close();
    }
  });

  // The box keeps the focus while an option is pressed; the link does the rest.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  form.addEventListener("submit", close);
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) close();
  });
})();
