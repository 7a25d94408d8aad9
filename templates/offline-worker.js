// Keeps one page and its styles for the time without a network, and nothing that is anybody's.
"use strict";
const CACHE = "segue-offline-{{ version }}";
const PAGE = "{% url 'offline' %}";
const KEPT = [PAGE{% for style in styles %}, "{{ style }}"{% endfor %}];

self.addEventListener("install", (event) => {
  // What is sent as a page is left (its dwell time) would wait here for a page that is gone, and be
  // lost: where the browser can, what is sent goes past this worker.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" });
  const anonymous = KEPT.map((path) => new Request(path, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(anonymous)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("segue-offline-") && name !== CACHE) await caches.delete(name);
    }
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith((async () => {
      try {
        return (await event.preloadResponse) || (await fetch(request));
      } catch {
        return (await caches.match(PAGE)) || Response.error();
      }
    })());
  } else if (KEPT.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreVary: true })));
  }
});
