// What every page does: keep itself fresh, and say when the line is down.

const EVERY = 60_000; // milliseconds
const banner = document.getElementById("offline");

// Parts with `data-fresh` are fetched again each minute, if anything has changed.
const fresh = document.querySelector("[data-fresh]");
let tag = "";

async function refresh() {
  if (document.hidden) return;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(fresh.dataset.fresh, { headers, redirect: "error", cache: "no-store" });
    banner.hidden = true;
    if (answer.status !== 200) return;
    const isFirst = !tag;
    tag = answer.headers.get("ETag") || "";
    const text = await answer.text();
    if (isFirst && same(text)) return;
    // A person who is writing or has opened something is not interrupted.
    if (fresh.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    show(text);
  } catch {
    banner.hidden = false;
  }
}

function parsed(text) {
  return new DOMParser().parseFromString(text, "text/html").body;
}

function same(text) {
  return parsed(text).innerHTML.trim() === fresh.innerHTML.trim();
}

function show(text) {
  const opened = [...fresh.querySelectorAll("details[open][id]")].map((each) => each.id);
  const focused = document.activeElement?.id;
  fresh.replaceChildren(...parsed(text).childNodes);
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("ewarn:fresh"));
}

if (fresh) {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}
addEventListener("offline", () => { banner.hidden = false; });
addEventListener("online", () => { banner.hidden = true; if (fresh) refresh(); });
if (!navigator.onLine) banner.hidden = false;

// A select with `data-submit` sends its form when it is changed.
for (const select of document.querySelectorAll("[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// The browser stores the pages that were read, so that they can be read again without a line.
if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/worker.js", { scope: "/" }).catch(() => {});
}
