// What every page does: keep itself fresh, and say when it cannot.

const EVERY = 60_000; // milliseconds
const FAULTS = ["offline", "unsent", "failing", "signed-out"]; // ids of the lines that say why
// The worker marks a page that it had to take from its store, because the service did not answer.
const isStored = document.body.hasAttribute("data-stored");

// Show the line of one fault, or none.
function warn(fault) {
  for (const id of FAULTS) document.getElementById(id).hidden = id !== fault;
}

// Parts with `data-fresh` are fetched again each minute, if anything has changed.
const fresh = document.querySelector("[data-fresh]");
let tag = "";

async function refresh() {
  if (document.hidden) return;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(fresh.dataset.fresh, { headers, redirect: "manual", cache: "no-store" });
    warn(faultOf(answer));
    if (faultOf(answer)) return;
    note(answer.headers.get("Date"));
    if (answer.status === 304) return;
    const isFirst = !tag;
    tag = answer.headers.get("ETag") || "";
    const text = await answer.text();
    if (isFirst && same(text)) return;
    // A person who is writing or has opened something is not interrupted.
    if (fresh.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    show(text);
  } catch {
    warn("offline");
  }
}

// Without a session the service sends the browser to the page to sign in.
function faultOf(answer) {
  if (answer.type === "opaqueredirect") return "signed-out";
  return [200, 304].includes(answer.status) ? "" : "failing";
}

// Write when the page was read last, wherever it says so.
function note(date) {
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const parts = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
  const words = new Intl.DateTimeFormat(language, { ...parts, timeZone: "UTC" });
  if (!date) return;
  for (const each of document.querySelectorAll("[data-now]")) {
    each.textContent = each.dataset.now.replace("{}", `${words.format(new Date(date))} UTC`);
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
addEventListener("offline", () => warn("offline"));
addEventListener("online", () => {
  if (fresh) refresh();
  else if (!isStored) warn("");
});
if (isStored || !navigator.onLine) warn("offline");

// Without a line a form is not sent, so that what was typed stays where it is.
document.addEventListener("submit", (event) => {
  if (navigator.onLine || event.target.method !== "post") return;
  event.preventDefault();
  event.stopPropagation();
  warn("unsent");
}, true);

// On a phone the list of pages is wider than the screen.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A select with `data-submit` sends its form when it is changed.
for (const select of document.querySelectorAll("[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// A form whose answer takes long says so on its button, which cannot be pressed twice.
for (const form of document.querySelectorAll("[data-sending]")) {
  const button = form.querySelector("button");
  const words = button.textContent;
  form.addEventListener("submit", () => label(form.dataset.sending, true));
  addEventListener("pageshow", () => label(words, false)); // the browser can show it again as it was

  function label(text, isSending) {
    button.textContent = text;
    button.disabled = isSending;
  }
}

// The browser stores the pages that were read, so that they can be read again without a line.
if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/worker.js", { scope: "/" }).catch(() => {});
}
