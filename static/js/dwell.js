// How long this page was really looked at: visible time only, under the id of the view that the
// server gave it. Where the visitor agreed it is sent, many times if need be: the server keeps the
// longest. Where not, it stays in a cookie of this browser, which goes with its window.
"use strict";
(() => {
  const place = document.querySelector("[data-view-id]");
  const viewId = place && place.dataset.viewId;
  const address = document.querySelector("[data-dwell-url]")?.dataset.dwellUrl;
  // A step that only the browser remembers has a small number for an id.
  const kept = viewId && viewId.startsWith("00000000-0000-0000-0000-");
  const holder = document.querySelector("[data-csrf]");
  const token = holder && (holder.value || holder.content || holder.dataset.csrf);
  if (!viewId || !(kept || (address && token))) return;

  let visibleMs = 0;
  let sentMs = -1;
  let since = document.visibilityState === "visible" ? performance.now() : null;

  function resume() {
    if (since === null && document.visibilityState === "visible") since = performance.now();
  }

  function keep(whole) {
    const step = String(parseInt(viewId.slice(-12), 16));
    const found = document.cookie.match(/(?:^|; )segue_dwell=([\d:.]*)/);
    const times = new Map((found ? found[1] : "").split(".").map((entry) => entry.split(":")));
    times.delete("");
    times.set(step, Math.max(whole, Number(times.get(step) || 0)));
    const newest = [...times].slice(-50).map((entry) => entry.join(":"));
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `segue_dwell=${newest.join(".")}; path=/; samesite=lax${secure}`;
  }

  function report() {
    if (since !== null) {
      visibleMs += performance.now() - since;
      since = null;
    }
    const whole = Math.round(visibleMs);
    if (whole <= sentMs) return; // hidden, then left: one report is enough
    sentMs = whole;
    if (kept) {
      keep(whole);
      return;
    }
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
