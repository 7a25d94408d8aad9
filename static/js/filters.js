// A filter takes effect when it is chosen; without scripts the button does it. The page is
// exchanged in place (htmx), so that the list beside the facets moves and nothing else.
const filters = () => document.querySelector("[data-filters]");

function settle() {
  const go = filters()?.querySelector("[data-filters-go]");
  if (go) go.hidden = true;
}

document.addEventListener("change", (event) => {
  if (event.target.form?.matches("[data-filters]")) event.target.form.requestSubmit();
});

// Empty choices stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  for (const [name, value] of [...event.formData]) {
    if (value) continue;
    const kept = event.formData.getAll(name).filter(Boolean);
    event.formData.delete(name);
    for (const one of kept) event.formData.append(name, one);
  }
});

// What a visitor opened stays open.
let open = new Set();
const kept = () => document.querySelectorAll("[data-browse] details[data-kept]");

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target.matches("[data-browse]")) return;
  open = new Set([...kept()].filter((details) => details.open).map((details) => details.id));
});

document.addEventListener("htmx:afterSettle", () => {
  if (!filters()) return;
  for (const details of kept()) details.open ||= open.has(details.id);
  settle();
  const said = document.querySelector("[data-filters-said]");
  const count = document.querySelector("[data-filters-count]");
  if (said && count && said.textContent !== count.textContent) said.textContent = count.textContent;
});

settle();
