// The panel of one region: its score, drivers, history, alerts, response and weekly series.

import { ask, askAll } from "./ask.js";
import { bars, line } from "./charts.js";
import { byId, el, swatch } from "./nodes.js";
import { day, host, interval, number, observedWeeks, percent, points, weeksBefore } from "./words.js";

const WEEKS = 104;
const EVENTS_SHOWN = 5;
let asked = 0;

export async function openPanel(region, view, close) {
  const mine = ++asked;
  const panel = byId("panel");
  panel.hidden = false;
  panel.replaceChildren(el("p", { class: "status" }, "Loading the region…"));
  try {
    const answers = await gather(region, view);
    if (mine !== asked) return;
    panel.replaceChildren(...content(region, view, answers, close));
  } catch (error) {
    if (mine !== asked) return;
    const again = () => openPanel(region, view, close);
    panel.replaceChildren(back(close), el("div", { class: "card wrong", role: "alert" },
      el("p", {}, error.message), el("button", { type: "button", on: { click: again } }, "Try again")));
  }
  panel.focus({ preventScroll: true });
  if (panel.getBoundingClientRect().top < 0) panel.scrollIntoView();
}

async function gather(region, view) {
  const at = { as_of: view.asOf };
  const [score, itself] = await Promise.all([
    scoreOf(region, view, at), ask(`/v1/regions/${region}`)]);
  const since = score && weeksBefore(score.origin, WEEKS);
  const [series, history, alerts, drivers, deployments] = await Promise.all([
    ask(`/v1/regions/${region}/series`, { weeks: WEEKS, ...at }),
    askAll("/v1/scores/history", { region, target: view.target, since, ...at }),
    askAll("/v1/alerts", { region, ...at }),
    score ? askAll(`/v1/scores/${score.id}/drivers`, { limit: "" }) : { items: [] },
    deploymentsOf(itself.parent || region, at),
  ]);
  const whole = await Promise.all(alerts.items.map((alert) => ask(`/v1/alerts/${alert.id}`, at)));
  const source = score?.sources[0]?.source;
  const own = history.items.filter((item) => !source || item.sources[0]?.source === source);
  // An interim score comes after the score of its Monday, which is in the history.
  if (score?.interim) own.push(score);
  return { score, series, history: own, alerts: whole, drivers: drivers.items, deployments, itself, source };
}

// Return the deployments, or null if the key may not read them.
async function deploymentsOf(country, at) {
  try {
    return (await askAll("/v1/deployments", { country, ...at })).items;
  } catch (error) {
    if (error.status === 403) return null;
    throw error;
  }
}

// Return the region's score: from the table, or from the API if the table shows another level.
async function scoreOf(region, view, at) {
  const row = view.rows.find((item) => item.score.region === region);
  if (row) return row.score.id ? row.score : null;
  const found = await askAll("/v1/scores", { region, target: view.target, ...at });
  const made = found.items.filter((score) => score.id);
  return made.find((score) => score.sources[0]?.source === view.source) || made[0] || null;
}

function content(region, view, { score, series, history, alerts, drivers, deployments, itself, source }, close) {
  const place = itself.parent ? `${itself.name}, ${view.nameOf(itself.parent)}` : itself.name;
  return [
    back(close),
    el("h2", {}, place, el("small", {}, ` ${region}`)),
    score ? summary(score, changeIn(history), view) : el("p", { class: "card" }, "This region has no score of this kind."),
    section("Main drivers", driverList(drivers)),
    section("Probability over time", history.some((item) => item.probability !== null)
      ? el("div", {}, line(history, view.cuts[itself.level], Math.min(660, byId("panel").clientWidth - 30)),
        el("p", { class: "fine" }, "Line: probability within four weeks. Shaded: its 90% interval. Dashed: where bands begin."))
      : el("p", { class: "fine" }, "There is no probability, because the source is not calibrated.")),
    section("Alerts", alertList(alerts)),
    deployments ? section("Response", deploymentList(deployments), briefLink(itself, view)) : null,
    section("Events a week", weekly(series, source)),
  ].filter(Boolean);
}

function back(close) {
  return el("button", { type: "button", class: "back", on: { click: close } }, "← All regions");
}

function section(title, ...children) {
  return el("section", {}, el("h3", {}, title), ...children);
}

function changeIn(history) {
  const [before, now] = history.slice(-2).map((score) => score.probability);
  return before === null || now === undefined || now === null ? null : now - before;
}

function summary(score, change, view) {
  const claims = score.probability === null
    ? [[`Observed last week (${score.unit})`, number(score.observed)], ["Expected", number(score.expected)],
      ["Bound", number(score.upper)]]
    : [["Probability", percent(score.probability)], ["90% interval", interval(score)],
      [score.interim ? "Since Monday" : "Since last week", points(change)]];
  const quiet = score.relative_risk === null ? []
    : [["Quiet for half a year", `${number(score.relative_risk)} × the mean of such regions`]];
  const facts = [...claims, ...quiet, ["Observed weeks", observedWeeks(score)],
    ["Source", score.sources.map((item) => `${item.source} (${item.health})`).join(", ")]];
  return el("div", { class: "summary" },
    el("p", { class: "band big" }, swatch(score.band), score.band),
    score.notice ? el("p", { class: "footing" }, score.notice) : null,
    el("p", { class: "fine" }, `${view.question} Scored at ${day(score.origin)} by ${score.model}.`),
    el("dl", {}, ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

function driverList(drivers) {
  if (!drivers.length) return el("p", { class: "fine" }, "Nothing unusual moved this score.");
  return el("ol", { class: "drivers" }, ...drivers.slice(0, 6).map((driver) => el("li", {},
    el("p", {}, driver.words),
    driver.events.length ? el("ul", {}, ...driver.events.slice(0, EVENTS_SHOWN).map(eventLine)) : null)));
}

function eventLine(event) {
  const where = [event.place, host(event.source_url)].filter(Boolean).join(" · ");
  return el("li", {}, el("time", { datetime: event.occurred_on }, day(event.occurred_on)), " ",
    event.summary || event.kind, el("small", {}, ` ${where}`));
}

function alertList(alerts) {
  if (!alerts.length) return el("p", { class: "fine" }, "No alert was ever opened here.");
  return el("div", {}, ...alerts.map((alert) => el("details", { open: alert.state !== "closed" },
    el("summary", {}, el("span", { class: `chip ${alert.state}` }, alert.state), " ",
      el("span", {}, `${alert.target}, highest ${alert.highest}: ${day(alert.opened_on)}`,
        alert.closed_on ? ` to ${day(alert.closed_on)}`
          : alert.state === "closed" ? ", withdrawn" : " until now",
        alert.stale ? ", data stopped" : "",
        alert.situation ? ", unchanged for half a year" : "")),
    el("ol", { class: "timeline" }, ...alert.timeline.map((change) => el("li", {},
      el("time", { datetime: change.at }, day(change.at)), " ",
      el("strong", {}, change.kind.replaceAll("_", " ")), ` ${change.reason}`))))));
}

function deploymentList(deployments) {
  if (!deployments.length) return el("p", { class: "fine" }, "No deployment was proposed.");
  return el("ul", { class: "deployments" }, ...deployments.map((item) => el("li", {},
    el("strong", {}, item.stage.replaceAll("_", " ")), ` ${team(item.team)}`,
    item.deployed_on ? `, ${day(item.deployed_on)} to ${day(item.ended_on || item.planned_end) || "open-ended"}`
      : `, proposed ${day(item.proposed_on)}`,
    item.effect ? el("span", {}, `. Effect: ${item.effect.verdict}.`) : null,
    item.notice ? el("p", { class: "fine" }, item.notice) : null)));
}

function team(roles) {
  return [...new Set(roles)].map((role) => {
    const number = roles.filter((other) => other === role).length;
    return number > 1 ? `${number} × ${role}` : role;
  }).join(", ");
}

function briefLink(itself, view) {
  const query = new URLSearchParams({ region: itself.parent || itself.id });
  if (view.asOf) query.set("as_of", view.asOf);
  return el("p", {}, el("a", { href: `/page/brief.html?${query}` }, "Country brief to print"));
}

function weekly(series, source) {
  const own = series.series.filter((item) => !source || item.source === source);
  const known = own.filter((item) => item.counts.some((count) => count !== 0));
  const seen = known.filter((item) => item.counts.some((count) => count > 0));
  const quiet = own.filter((item) => !seen.includes(item)).map((item) => item.words);
  const shown = seen.length ? seen : known.slice(0, 1);
  return el("div", {},
    el("div", { class: "multiples" }, ...shown.map((item) => bars(item, series.weeks))),
    el("p", { class: "fine" },
      shown.length ? "Each chart has its own scale. Hatched weeks were not observed; they are not zero. " : "",
      "Events whose date is known only to a span over several weeks are not shown.",
      quiet.length ? ` No events are known of: ${quiet.join(", ")}.` : ""));
}
