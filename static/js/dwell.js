// Tells the server how long this page was really looked at: visible time only, under the id of
// the view that the server gave it. It may be sent many times; the server keeps the longest.
"use strict";
(() => {
  const place = document.querySelector("[data-view-id]");
  const viewId = place && place.dataset.viewId;
  const address = document.querySelector("[data-dwell-url]")?.dataset.dwellUrl;
  const holder = document.querySelector("[data-csrf]");
  const token = holder && (holder.value || holder.content || holder.dataset.csrf);
  if (!viewId || !address || !token) return;

  let visibleMs = 0;
  let sentMs = -1;
  let since = document.visibilityState === "visible" ? performance.now() : null;

  function resume() {
    if (since === null && document.visibilityState === "visible") since = performance.now();
  }

  function report() {
    if (since !== null) {
      visibleMs += performance.now() - since;
      since = null;
    }
    const whole = Math.round(visibleMs);
    if (whole <= sentMs) return; // hidden, then left: one report is enough
    sentMs = whole;
    const form = new FormData();
    form.append("view_id", viewId);
    form.append("dwell_ms", String(whole));
    form.append("csrfmiddlewaretoken", token);
    if (!navigator.sendBeacon(address, form)) {
      fetch(address, { method: "POST", body: form, keepalive: true, credentials: "same-origin" });
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") report();
    else resume();
  });
  window.addEventListener("pagehide", report);
  // Back from the back/forward cache the page is as it was left: the same view goes on.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) resume();
  });
})();
