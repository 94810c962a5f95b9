// Stores the pages that a person has read, and shows them again when the line is down.

const STORE = "ewarn-pages";
const MOST = 60;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  const isOurs = address.origin === location.origin && event.request.method === "GET";
  const isPage = event.request.mode === "navigate" || address.pathname.startsWith("/page/");
  const isReport = address.pathname.startsWith("/report") || address.pathname.startsWith("/page/report");
  const isApi = address.pathname.startsWith("/v1/");
  if (isOurs && isPage && !isReport && !isApi) event.respondWith(answered(event.request));
});

async function answered(request) {
  const store = await caches.open(STORE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await keep(store, request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await store.match(request);
    if (kept) return kept;
    throw error;
  }
}

async function keep(store, request, answer) {
  await store.put(request, answer);
  const keys = await store.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await store.delete(old);
}
