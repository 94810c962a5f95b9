// The page: reads the controls, loads scores and alerts, and shows them as map, table and panel.

import { ask, askAll, keepKey, keptKey, useKey } from "./ask.js";
import { drawLegend, drawMap } from "./map.js";
import { byId, el } from "./nodes.js";
import { openPanel } from "./panel.js";
import { drawTable } from "./table.js";
import { day, weeksBefore } from "./words.js";

const MOST_COUNTRIES = 40; // outlines of more countries are too large to load
const QUESTIONS = {
  force: "How likely is lethal force against demonstrators within four weeks?",
  escalation: "How likely is an escalation of repression within four weeks?",
  killings: "How likely is a killing of civilians by forces of a state within four weeks?",
};

const chosen = { target: "force", level: "admin1", where: "", source: "", asOf: "" };
let config = null;
let places = { offices: [], countries: new Map() };
let view = null;
let asking = 0;
let opened = ""; // the region whose panel is open

async function begin() {
  config = await ask("/page-config.json");
  byId("version").textContent = `version ${config.version}`;
  showState();
  byId("as-of").max = config.day;
  useKey(config.key || keptKey());
  if (config.key || keptKey()) await refresh();
  else askForKey("");
}

function showState() {
  const moment = chosen.asOf
    ? `as known on ${day(chosen.asOf, "long")}`
    : config.is_replay ? `as of ${day(config.replay_day, "long")}` : "now";
  byId("state").replaceChildren(
    el("strong", {}, config.is_replay ? "Replay" : "Live"), ` ${moment}`);
  byId("now").hidden = !chosen.asOf;
}

function askForKey(wrong) {
  byId("work").hidden = true;
  byId("key").hidden = false;
  byId("key-wrong").textContent = wrong;
  byId("key-text").focus();
}

async function refresh() {
  const mine = ++asking;
  byId("key").hidden = true;
  byId("work").hidden = false;
  byId("failed").hidden = true;
  byId("status").textContent = "Loading scores…";
  byId("view").classList.add("waiting");
  showState();
  try {
    await Promise.all([learnPlaces(), learnFirstDay(), learnTargets()]);
    const made = await gather();
    if (mine !== asking) return;
    view = made;
    show();
  } catch (error) {
    if (mine === asking) fail(error);
  }
}

// The first day that can be chosen is the day of the first score.
async function learnFirstDay() {
  if (byId("as-of").min) return;
  const first = await ask("/v1/scores/history", { limit: 1 });
  byId("as-of").min = first.items[0]?.recorded_at.slice(0, 10) || "";
}

// Killings are offered only if they are scored.
async function learnTargets() {
  const found = await ask("/v1/scores", { target: "killings", limit: 1, as_of: chosen.asOf });
  byId("killings").hidden = !found.items.length && chosen.target !== "killings";
}

async function learnPlaces() {
  const at = { as_of: chosen.asOf };
  const [offices, scores] = await Promise.all([
    places.offices.length ? { items: places.offices } : askAll("/v1/offices", { limit: "" }),
    askAll("/v1/scores", { level: "country", target: chosen.target, ...at }),
  ]);
  const names = scores.items.map((score) => [score.country, score.region_name]);
  places = { offices: offices.items, countries: new Map([...places.countries, ...names]), scores };
  offerPlaces();
}

function offerPlaces() {
  const select = byId("where");
  // An office also covers countries that nobody observes: their rows say so.
  const covered = (office) => office.countries.filter((code) => code !== "*");
  const few = places.countries.size <= MOST_COUNTRIES;
  const offices = places.offices.filter((office) => covered(office).length);
  const countries = [...places.countries].sort((a, b) => a[1].localeCompare(b[1]));
  const options = [
    ...(few ? [el("option", { value: "" }, "all scored countries")] : []),
    ...offices.map((office) =>
      el("option", { value: covered(office).join(",") }, `office ${office.name}`)),
    ...countries.map(([code, name]) => el("option", { value: code }, name)),
  ];
  select.replaceChildren(...options);
  select.value = chosen.where;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  chosen.where = select.value;
}

async function gather() {
  const countries = chosen.where || [...places.countries.keys()].join(",");
  const wanted = { country: countries, level: chosen.level, target: chosen.target, as_of: chosen.asOf };
  if (!countries) return viewOf([], [], [], [], places.scores.notice, await baselines());
  const latest = chosen.level === "country" && !chosen.where
    ? places.scores : await askAll("/v1/scores", wanted);
  const newest = latest.items.map((score) => score.origin).filter(Boolean).sort().at(-1);
  const before = newest && weeksBefore(newest, 1);
  const [previous, alerts, outlines, read] = await Promise.all([
    before ? askAll("/v1/scores/history", { ...wanted, since: before, until: before }) : { items: [] },
    askAll("/v1/alerts", { country: countries, target: chosen.target, as_of: chosen.asOf }),
    ask("/v1/regions", { format: "geojson", country: countries }),
    baselines(),
  ]);
  return viewOf(latest.items, previous.items, alerts.items, outlines.features, latest.notice, read);
}

// What each source can and cannot show yet. Empty if the key may not read sources.
async function baselines() {
  try {
    const found = await ask("/v1/sources", { as_of: chosen.asOf });
    return new Map(found.items.map((item) => [item.source, footing(item)]));
  } catch (error) {
    if (error.status === 403) return new Map();
    throw error;
  }
}

function footing({ source, baseline, outcomes }) {
  const parts = [baseline && `${source}: ${baseline.words}`, outcomes && `Towards probabilities: ${outcomes}.`];
  return parts.filter(Boolean).join(" ").replaceAll("`", "");
}

// Before there are scores, the page names the first source and what it waits for.
function anyBaseline(read) {
  const [source, baseline] = [...read].find((pair) => pair[1]) || ["", ""];
  return { source, baseline };
}

function viewOf(scores, previous, alerts, features, notice, read = new Map()) {
  const sources = [...new Set(scores.filter((score) => score.id).map((score) => score.sources[0].source))].sort();
  if (!sources.includes(chosen.source)) chosen.source = sources[0] || "";
  const own = (score) => !score.id || score.sources[0].source === chosen.source;
  const before = new Map(previous.filter(own).map((score) => [score.region, score.probability]));
  const rows = scores.filter(own).map((score) => ({
    score,
    country: nameOf(score.country),
    change: score.probability === null || (before.get(score.region) ?? null) === null
      ? null : score.probability - before.get(score.region),
  }));
  return {
    rows, sources, features, notice, nameOf,
    alerted: new Set(alerts.filter((item) => item.state !== "closed").map((item) => item.region)),
    unit: rows.length ? rows[0].score.unit : "events",
    calibrated: rows.every((row) => !row.score.id) || rows.some((row) => row.score.probability !== null),
    cuts: config.cuts[chosen.target],
    level: chosen.level,
    question: QUESTIONS[chosen.target],
    target: chosen.target,
    asOf: chosen.asOf,
    ...(chosen.source ? { source: chosen.source, baseline: read.get(chosen.source) } : anyBaseline(read)),
  };
}

function nameOf(country) {
  return places.countries.get(country) || country;
}

function show() {
  const selected = location.hash.slice(1);
  byId("view").classList.remove("waiting");
  byId("status").textContent = view.rows.length ? "" :
    "Nothing has been scored here yet. Choose another place or a later day, or wait for the next scoring.";
  byId("notice").hidden = !view.notice;
  byId("notice").textContent = view.notice;
  byId("question").textContent = view.calibrated ? view.question :
    `${view.unit === "points" ? "Points (acts weighted by severity)" : "Events"} last week, compared with what ` +
    "was expected. There is no probability, because the source is not calibrated.";
  byId("scored").textContent = scoredOn(view.rows);
  byId("baseline").hidden = !view.baseline;
  byId("baseline").textContent = view.baseline || "";
  byId("source-choice").hidden = view.sources.length < 2;
  byId("source").replaceChildren(...view.sources.map((name) => el("option", { value: name }, name)));
  byId("source").value = chosen.source;
  drawMap(view.features, view.rows.map((row) => row.score).filter((score) => score.id), chosen.level, selected, choose);
  drawLegend(view.cuts[view.level], view.calibrated);
  drawTable(view.rows, view.calibrated, view.alerted, choose);
  showRegion(selected);
}

// The day of the scores is shown, because old ones would look like new ones.
function scoredOn(rows) {
  const newest = rows.map((row) => row.score.origin).filter(Boolean).sort().at(-1);
  return newest ? `Scores of ${day(newest, "long")}` : "";
}

function showRegion(region) {
  const known = /^[\w~-]{2,20}$/.test(region) && region !== "regions";
  byId("view").classList.toggle("open", known);
  byId("regions").hidden = known;
  if (known) openPanel(region, view, () => choose(""));
  else byId("panel").hidden = true;
  if (!known && opened) (document.querySelector(`#table a[href="#${opened}"]`) || byId("regions")).focus();
  opened = known ? region : "";
}

function choose(region) {
  if (location.hash.slice(1) !== region) location.hash = region;
}

function fail(error) {
  byId("view").classList.remove("waiting");
  byId("status").textContent = "";
  if (error.status === 401 && !config?.key) {
    keepKey(null);
    askForKey(error.message);
    return;
  }
  byId("work").hidden = false;
  byId("failed").hidden = false;
  byId("failed").querySelector("p").textContent = error.message;
}

// Return whether the chosen day is outside those that have scores; if so, say which days have.
function wrongDay(input) {
  const good = input.validity.valid;
  const from = input.min ? `from ${day(input.min, "long")} ` : "";
  byId("as-of-wrong").textContent = good ? "" :
    `Choose a day ${from}up to ${day(input.max, "long")}. Only these days have scores.`;
  input.setAttribute("aria-invalid", String(!good));
  return !good;
}

byId("controls").addEventListener("change", (event) => {
  const { name, id, value } = event.target;
  if (name === "target" || name === "level") chosen[name] = value;
  if (id === "where") chosen.where = value;
  if (id === "source") chosen.source = value;
  if (id === "as-of" && wrongDay(event.target)) return;
  if (id === "as-of") chosen.asOf = value;
  refresh();
});
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("now").addEventListener("click", () => {
  chosen.asOf = "";
  byId("as-of").value = "";
  wrongDay(byId("as-of"));
  refresh();
});
byId("key").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(byId("key-text").value.trim());
  refresh();
});
byId("failed").querySelector("button").addEventListener("click", () => (config ? refresh() : begin().catch(fail)));
addEventListener("hashchange", () => { if (view) show(); });
addEventListener("keydown", (event) => { if (event.key === "Escape") choose(""); });
begin().catch(fail);
