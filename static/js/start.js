// The start: counts what is ticked, keeps ticked search results when the next ones come, and shuts
// the other boxes when as many as may be are ticked. Without scripts the form does all of it.
"use strict";
(() => {
  const form = document.querySelector("[data-start]");
  if (!form) return;
  const most = Number(form.dataset.most);
  const count = form.querySelector("[data-start-count]");
  const kept = form.querySelector("[data-start-kept]");
  const heard = form.querySelector("[data-start-heard]");
  const found = form.querySelector("#found");
  const chosen = form.querySelector("[data-start-chosen]");
  const atFirst = count.textContent;

  const boxes = () => [...form.querySelectorAll(".tile__box")];
  const same = (box) => boxes().filter((other) => other.name === box.name && other.value === box.value);
  // A title may stand on the wall and among what was found: once is enough.
  const ticked = () => boxes().filter((box) => box.checked && same(box)[0] === box);

  function thumbnail(box) {
    const cover = box.closest("li").querySelector("img");
    if (cover) {
      const small = new Image();
      small.src = cover.src;
      small.alt = "";
      return small;
    }
    const letter = document.createElement("span");
    letter.textContent = box.value.slice(0, 1).toUpperCase();
    return letter;
  }

  function tell() {
    const now = ticked();
    const full = now.length >= most;
    const said = full ? count.dataset.full : now.length ? count.dataset.one.replace("NUMBER", now.length) : atFirst;
    if (count.textContent !== said) count.textContent = said;
    form.classList.toggle("start--full", full);
    for (const box of boxes()) box.disabled = full && !box.checked;
    kept.replaceChildren(...now.map(thumbnail));
  }

  // What was ticked among results moves to the choices before other results take its place.
  function keep() {
    for (const box of found.querySelectorAll(".tile__box:checked")) {
      if (same(box).length === 1) {
        chosen.querySelector("ul").append(box.closest("li"));
        chosen.hidden = false;
      }
    }
    const words = found.querySelector(".start__words");
    if (words && words.querySelector(":checked")) chosen.before(words);
  }

  form.addEventListener("change", (event) => {
    if (!event.target.matches(".tile__box")) return;
    for (const other of same(event.target)) other.checked = event.target.checked;
    tell();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === found) keep();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== found) return;
    for (const box of found.querySelectorAll(".tile__box")) box.checked = same(box).some((other) => other.checked);
    const [, again] = form.querySelectorAll(".start__words");
    if (again) found.querySelector(".start__words").remove();
    const legend = found.querySelector("legend");
    heard.textContent = legend ? legend.textContent : "";
    tell();
  });
  // Who answers the question about keeping visits comes back to this page: with what is ticked.
  document.addEventListener("submit", (event) => {
    const back = event.target.elements.next;
    if (event.target === form || !back) return;
    const said = [...new FormData(form)].filter(([name, value]) => value && name !== "csrfmiddlewaretoken");
    back.value = `${location.pathname}?${new URLSearchParams(said)}`;
  });
  window.addEventListener("pageshow", tell); // going back, the browser ticks what was ticked
  tell();
})();
