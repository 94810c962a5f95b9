// Stores the pages that a person has read, and shows them again when the line or the service is down.
// Who is asked to sign in is nobody yet: then all pages of the person before are deleted.

const STORE = "ewarn-pages";
const SPARE = "ewarn-offline"; // the page for what was never read; it holds no data, and stays
const MOST = 60;
const SIGN_IN = "/sign-in";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(prepare());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  const isHere = address.origin === location.origin;
  const isOurs = isHere && event.request.method === "GET";
  const isPage = event.request.mode === "navigate" || address.pathname.startsWith("/page/");
  const isReport = address.pathname.startsWith("/report") || address.pathname.startsWith("/page/report");
  const isApi = address.pathname.startsWith("/v1/");
  if (isOurs && isPage && !isReport && !isApi) event.respondWith(answered(event.request));
  // Another tab may have read pages since this one asked to sign in.
  if (isHere && event.request.method === "POST" && address.pathname === SIGN_IN) event.respondWith(signedIn(event.request));
});

async function signedIn(request) {
  const answer = await fetch(request);
  await caches.delete(STORE);
  return answer;
}

async function answered(request) {
  try {
    const answer = await fetch(request);
    if (new URL(request.url).pathname === SIGN_IN) await caches.delete(STORE);
    else if (answer.ok && !answer.redirected && mayBeKept(answer)) await keep(request, answer.clone());
    if (new URL(request.url).searchParams.has("lang")) prepare().catch(() => {});
    return (answer.status >= 500 && (await stored(request))) || answer;
  } catch (error) {
    const kept = (await stored(request)) || (await spare(request));
    if (!kept) throw error;
    return kept;
  }
}

// Store the page for what was never read, in the language of the moment.
async function prepare() {
  const store = await caches.open(SPARE);
  await store.addAll(["/offline", "/page/offline.js", "/page/style.css", "/page/favicon.svg"]);
}

async function spare(request) {
  return (await caches.open(SPARE)).match(request.mode === "navigate" ? "/offline" : request);
}

async function stored(request) {
  const kept = await (await caches.open(STORE)).match(request);
  return kept && request.mode === "navigate" ? marked(kept) : kept;
}

// Mark a page as a stored one, so that it says so: the browser can have a line and the service not.
async function marked(page) {
  const text = await page.text();
  return new Response(text.replace("<body ", "<body data-stored "), { headers: page.headers });
}

// The page of a link in a mail says that it must not be stored: its address is a secret.
function mayBeKept(answer) {
  return !(answer.headers.get("Cache-Control") || "").includes("no-store");
}

async function keep(request, answer) {
  const store = await caches.open(STORE);
  await store.put(request, answer);
  const keys = await store.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await store.delete(old);
}
