// Service worker of the page for field reports: the page opens without a line.
// It stores the page and its files, and nothing that is sent or answered. The service writes
// VERSION and FILES before this text.
const PREFIX = "report-";
const CACHE = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(PREFIX) && name !== CACHE;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { pathname, search, origin } = new URL(event.request.url);
  const isOurs = origin === self.location.origin && event.request.method === "GET";
  const name = FILES.includes(pathname + search) ? pathname + search : pathname;
  if (!isOurs || !FILES.includes(name)) return;
  event.respondWith(caches.match(name).then((stored) => stored || fetch(event.request)));
});
