// Registers the worker that keeps the page for the time without a network.
"use strict";
(() => {
  const address = document.querySelector("meta[name=offline-worker]")?.content;
  if (!address || !("serviceWorker" in navigator)) return;
  window.addEventListener("load", () => {
    navigator.serviceWorker.register(address, { scope: "/" }).catch(() => {});
  });
})();
