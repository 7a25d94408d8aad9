// A chosen theme shows at once; the server remembers it. Without this file the form is sent.
"use strict";
(() => {
  const root = document.documentElement;

  function show(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const frame of document.querySelectorAll("meta[data-look]")) {
      const { look } = frame.dataset;
      if (theme === "system") frame.media = `(prefers-color-scheme: ${look})`;
      else frame.media = look === theme ? "all" : "not all";
    }
    for (const button of document.querySelectorAll("[data-theme-switch] button")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  }

  const remembered = () => /(?:^|; )segue_theme=(dark|light)/.exec(document.cookie)?.[1] || "system";

  const menu = document.querySelector("[data-theme-switch]");
  menu?.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    show(theme);
    const form = new FormData(event.target);
    form.set("theme", theme);
    fetch(event.target.action, { method: "POST", body: form, redirect: "manual", keepalive: true })
      .catch(() => {}); // no network: it holds for this page
  });

  // It opens over the page: anything else that is done closes it.
  document.addEventListener("click", (event) => {
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });
  menu?.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  menu?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Pages that the server makes without a visitor, and those that come back as they were left.
  if (!menu) show(remembered());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) show(remembered());
  });
})();
