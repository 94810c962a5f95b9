// The page for field reports: it asks for the PIN, keeps reports, sends them, and erases everything.
import * as sending from "/page/report_sending.js";
import * as vaults from "/page/report_vault.js";

const WEEKS = 12;
const DAY = 24 * 60 * 60 * 1000;
const RETRY_EVERY = 30 * 1000;
const LOCK_AFTER = 5 * 60 * 1000; // out of sight
const ERASE_AGAIN = 3000; // for files that the service worker was storing just then
const COUNTS = ["participants", "injured", "arrests", "fatalities"];
const KEEP_WAITING = new Set([401, 403, 429, 500, 502, 503, 504]); // none is a fault of the report
const at = (id) => document.getElementById(id);
const language = document.documentElement.lang;
let vault = null;
let isSending = false;
const refused = new Set();

function says(name) {
  return document.querySelector(`[data-says="${name}"]`).textContent;
}

function show(...ids) {
  for (const id of ["insecure", "erased", "begin", "locked", "work"]) at(id).hidden = !ids.includes(id);
}

function complain(form, text) {
  form.querySelector(".wrong").textContent = text;
}

// Run an action of a form once at a time, with its button switched off.
function onSubmit(form, action) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    try {
      await action();
    } finally {
      button.disabled = false;
    }
  });
}

async function start() {
  if (!window.isSecureContext || !window.crypto?.subtle || !window.indexedDB) return show("insecure");
  const isHere = await vaults.exists();
  show(isHere ? "locked" : "begin");
  at(isHere ? "pin-open" : "code").focus({ preventScroll: true });
}

onSubmit(at("begin"), async () => {
  const form = at("begin");
  const code = at("code").value.trim();
  complain(form, "");
  if (at("pin").value !== at("pin-again").value) return complain(form, says("pins-differ"));
  try {
    const holder = await holderOf(code);
    vault = await vaults.create(at("pin").value, holder);
  } catch (error) {
    return complain(form, says(wordsFor(error)));
  }
  form.reset();
  navigator.serviceWorker?.register("/report/worker.js", { scope: "/report" });
  await work();
});

// A code expires. A new one takes its place, and what waits is kept.
onSubmit(at("renew"), async () => {
  const form = at("renew");
  complain(form, "");
  try {
    await vault.hold(await holderOf(at("new-code").value.trim()));
  } catch (error) {
    return complain(form, says(wordsFor(error)));
  }
  form.reset();
  form.parentElement.open = false;
  await sendAll();
});

function wordsFor(error) {
  if (!(error instanceof sending.Refused)) return "no-line";
  return error.status >= 500 ? "busy" : "wrong-code";
}

onSubmit(at("locked"), async () => {
  const form = at("locked");
  complain(form, "");
  try {
    vault = await vaults.open(at("pin-open").value);
  } catch {
    at("pin-open").select();
    return complain(form, says("wrong-pin"));
  }
  form.reset();
  await work();
});

async function holderOf(code) {
  const form = await sending.form(code, language);
  return { code, form, language, fetchedAt: Date.now() };
}

async function work() {
  fill(vault.holder);
  show("work");
  await sendAll();
  try {
    await vault.hold(await holderOf(vault.holder.code)); // names and the day of the service's clock
    if (isUntouched()) fill(vault.holder);
  } catch { /* without a line, the form of last time stands */ }
}

function isUntouched() {
  const typed = [...at("report").querySelectorAll("input, textarea")].some((field) => field.value);
  return !typed && ["kind", "week", "country", "region"].every((id) => at(id).selectedIndex < 1);
}

function options(select, entries) {
  select.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
}

function fill({ form, fetchedAt }) {
  // A phone's clock may be wrong, so the day counts from that of the service.
  const today = new Date(Date.parse(form.day) + Math.max(0, Date.now() - fetchedAt));
  const monday = new Date(today.getTime() - ((today.getUTCDay() + 6) % 7) * DAY);
  const british = language === "en" ? "en-GB" : language; // the day stands before the month
  const written = new Intl.DateTimeFormat(british, { day: "numeric", month: "short", timeZone: "UTC" });
  const weeks = Array.from({ length: WEEKS }, (_, number) => {
    const first = new Date(monday.getTime() - number * 7 * DAY);
    const span = written.formatRange(first, new Date(first.getTime() + 6 * DAY));
    const name = [says("this-week"), says("last-week")][number];
    return [first.toISOString().slice(0, 10), name ? `${name} (${span})` : span];
  });
  options(at("week"), weeks);
  options(at("country"), form.countries.map((country) => [country.id, country.name]));
  at("country-choice").hidden = form.countries.length < 2;
  fillRegions();
}

function fillRegions() {
  const { countries } = vault.holder.form;
  const chosen = countries.find((country) => country.id === at("country").value) ?? countries[0];
  const regions = chosen.regions.map((region) => [region.id, region.name]);
  const first = at("kind").options[0].textContent;
  options(at("region"), [["", first], ...regions, [chosen.id, says("country")]]);
}

at("country").addEventListener("change", fillRegions);

onSubmit(at("report"), async () => {
  const form = at("report");
  const report = { kind: at("kind").value, week: at("week").value, region: at("region").value };
  for (const name of COUNTS) {
    const typed = form.elements[name].value;
    if (typed) report[name] = Number(typed);
  }
  report.text = at("text").value;
  complain(form, "");
  try {
    await vault.keep(report);
  } catch {
    return complain(form, says("failed"));
  }
  form.reset();
  fillRegions();
  await sendAll();
  window.scrollTo({ top: 0 });
});

// Send what waits, one after the other. What was sent is removed from the phone.
async function sendAll() {
  if (isSending || !vault) return;
  isSending = true;
  let trouble = "";
  try {
    for (const { id, report } of await vault.waiting()) {
      if (refused.has(id)) continue;
      await tell(says("sending"));
      trouble = await sendOne(id, report);
      if (trouble) break;
    }
  } finally {
    isSending = false;
  }
  await tell(trouble);
}

// Return what keeps a report from being sent, or nothing if it was sent or is refused for good.
async function sendOne(id, report) {
  try {
    const receipt = await sending.send(vault.holder.code, id, report);
    await vault.remove(id);
    at("codes").append(Object.assign(document.createElement("li"), { textContent: receipt }));
    at("receipts").hidden = false;
    return "";
  } catch (error) {
    if (!(error instanceof sending.Refused)) return says("later");
    if (error.status === 401 || error.status === 403) return says("wrong-code");
    if (KEEP_WAITING.has(error.status)) return says("busy");
    refused.add(id);
    return "";
  }
}

async function tell(trouble) {
  const number = (await vault.waiting()).length;
  at("outbox").hidden = number === 0;
  at("waiting").textContent = number === 1 ? says("one-waits") : says("some-wait").replace("{number}", number);
  at("trouble").textContent = trouble || (refused.size ? says("refused") : "");
  at("discard").hidden = refused.size === 0;
  at("send").hidden = number > 0 && number === refused.size;
}

at("send").addEventListener("click", sendAll);
at("discard").addEventListener("click", async () => {
  await Promise.all([...refused].map((id) => vault.remove(id)));
  refused.clear();
  await tell("");
});
at("seen").addEventListener("click", () => {
  at("codes").replaceChildren();
  at("receipts").hidden = true;
});

onSubmit(at("ask"), async () => {
  at("answer").textContent = says("asking");
  let found;
  try {
    found = await sending.stateOf(vault.holder.code, at("receipt").value);
  } catch (error) {
    const status = error instanceof sending.Refused ? error.status : 0;
    found = { 0: "ask-later", 401: "wrong-code", 403: "wrong-code", 404: "unknown", 422: "unknown" }[status] ?? "ask-later";
  }
  at("answer").textContent = says(found);
  at("answer").scrollIntoView({ block: "center" });
});

at("erase").addEventListener("click", async () => {
  vault = null;
  for (const form of document.forms) form.reset();
  at("codes").replaceChildren();
  show("erased");
  for (const each of [at("erasing"), at("about"), document.querySelector("header")]) each.hidden = true;
  document.title = at("erased").querySelector("h2").textContent;
  await vaults.eraseAll();
  at("erased").dataset.done = "yes";
  setTimeout(vaults.eraseAll, ERASE_AGAIN);
});

// What an unlocked page holds is closed when it is left out of sight.
let hiding = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden && vault) hiding = setTimeout(() => location.reload(), LOCK_AFTER);
});
window.addEventListener("online", sendAll);
setInterval(async () => {
  if (vault && (await vault.waiting()).length > refused.size) await sendAll();
}, RETRY_EVERY);

start();
