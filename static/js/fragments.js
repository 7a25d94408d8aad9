// A fragment that cannot be fetched steps aside; the page does without it.
const fragmentOf = (event) => event.detail.elt.closest("[data-fragment]");

for (const trouble of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(trouble, (event) => {
    const fragment = fragmentOf(event);
    if (fragment) fragment.hidden = true;
  });
}

document.addEventListener("htmx:afterSwap", (event) => {
  const fragment = fragmentOf(event);
  if (fragment) fragment.hidden = false;
  showNewestStep();
});

// The newest step of a long trail is the one that counts: show that end.
function showNewestStep() {
  const steps = document.querySelector(".trail__steps");
  if (steps) steps.scrollLeft = steps.scrollWidth;
}

showNewestStep();
