// The list follows the dial while it is turned; the button for it is for browsers without scripts.
"use strict";
(() => {
  const dial = document.getElementById("dial");
  if (!dial || !window.htmx) return;
  dial.querySelector("[data-plain]").hidden = true;
  dial.querySelector("[data-reset]").addEventListener("click", (event) => {
    event.preventDefault();
    for (const turn of dial.querySelectorAll("input[type=range]")) turn.value = 50;
    window.htmx.trigger(dial, "reset-dial");
  });
})();
