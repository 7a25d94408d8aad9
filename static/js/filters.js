// A filter takes effect when it is chosen; without scripts the button does it.
for (const form of document.querySelectorAll("[data-filters]")) {
  form.querySelector("[data-filters-go]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
  // Empty choices stay out of the address.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });
}
