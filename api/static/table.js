// The table of regions: it can be sorted, and Enter or a click on a row opens the region.

import { byId, el, swatch } from "./nodes.js";
import { BANDS, day, interval, number, observedWeeks, percent, points } from "./words.js";

const SHOWN_FIRST = 50; // more rows would make the page very long
let whole = false; // whether all rows are shown
let order = { column: "probability", down: true };

const NAME = {
  id: "name", title: "Region", value: (score) => score.region_name,
  cell: (score, row) => [
    el("a", { href: `#${score.region}`, class: "name" }, score.region_name),
    el("small", {}, score.level === "country" ? score.region : row.country)],
};
const BAND = {
  id: "band", title: "Band", value: (score) => BANDS.indexOf(score.band),
  cell: (score) => [el("span", { class: "band" }, swatch(score.band || "unscored"), score.band || "not observed"),
    score.is_observed ? "" : el("small", {}, ` ${unseen(score)}`),
    score.interim ? el("small", { title: score.notice }, " week so far") : ""],
};
const COMPLETENESS = {
  id: "completeness", title: "Observed", value: (score) => score.completeness,
  hint: "Share of the last 12 weeks that the source observed",
  cell: (score) => [el("span", { class: score.completeness < 1 ? "short" : "" }, observedWeeks(score))],
};
const CALIBRATED = [
  NAME,
  BAND,
  {
    id: "probability", title: "Probability", value: (score) => score.probability ?? -1,
    hint: "With its 90% interval",
    cell: (score) => [el("strong", {}, percent(score.probability)), " ",
      el("small", {}, interval(score))],
  },
  {
    id: "change", title: "In a week", value: (_, row) => row.change ?? -2,
    cell: (_, row) => [el("span", { class: direction(row.change) }, points(row.change))],
  },
  COMPLETENESS,
];
const UNCALIBRATED = [
  NAME,
  BAND,
  {
    id: "observed", title: "Last week", value: (score) => score.observed ?? -1,
    cell: (score) => [el("strong", {}, number(score.observed)),
      score.exceeds_bound ? el("span", { class: "up" }, " above bound") : ""],
  },
  { id: "expected", title: "Expected", value: (s) => s.expected ?? -1, cell: (s) => [number(s.expected)] },
  { id: "upper", title: "Bound", value: (s) => s.upper ?? -1, cell: (s) => [number(s.upper)] },
  COMPLETENESS,
];

// Say why nothing, or nothing new, is known, so that nobody takes it for a low risk.
function unseen(score) {
  if (score.id) return "last week not observed";
  return score.unobserved_since ? `since ${day(score.unobserved_since)}` : "by any source";
}

function direction(change) {
  if (change === null || Math.abs(change) < 0.0005) return "same";
  return change > 0 ? "up" : "down";
}

export function drawTable(rows, calibrated, alerted, choose) {
  const columns = calibrated ? CALIBRATED : UNCALIBRATED;
  const by = columns.find((column) => column.id === order.column) || columns[2];
  const sorted = [...rows].sort((a, b) => compare(by.value(a.score, a), by.value(b.score, b)));
  const again = () => drawTable(rows, calibrated, alerted, choose);
  byId("table").replaceChildren(
    el("caption", { class: "hidden" }, "Regions with their scores"),
    el("thead", {}, el("tr", {}, ...columns.map((column) => heading(column, by, again)))),
    el("tbody", {}, ...sorted.slice(0, whole ? sorted.length : SHOWN_FIRST)
      .map((row) => line(row, columns, alerted, choose))));
  offerAll(sorted.length, again);
}

// The button is reused, so that it keeps the focus; only its text changes.
function offerAll(many, again) {
  const button = byId("all");
  button.hidden = many <= SHOWN_FIRST;
  button.textContent = whole ? `Show the first ${SHOWN_FIRST} only` : `Show all ${many}`;
  button.setAttribute("aria-expanded", String(whole));
  button.onclick = () => {
    whole = !whole;
    again();
  };
}

function compare(a, b) {
  const least = typeof a === "string" ? a.localeCompare(b) : a - b;
  return order.down ? -least : least;
}

function heading(column, by, again) {
  const active = column === by;
  const act = () => {
    order = { column: column.id, down: active ? !order.down : column.id !== "name" };
    again();
    byId("table").querySelector(`button[data-column="${column.id}"]`).focus();
  };
  return el("th", { scope: "col", "aria-sort": active ? (order.down ? "descending" : "ascending") : null },
    el("button", { type: "button", title: column.hint || null, "data-column": column.id, on: { click: act } },
      column.title, el("span", { class: "arrow", "aria-hidden": "true" },
        active ? (order.down ? " ↓" : " ↑") : "")));
}

function line(row, columns, alerted, choose) {
  const cells = columns.map((column, index) =>
    el(index ? "td" : "th", index ? {} : { scope: "row" }, ...column.cell(row.score, row)));
  if (alerted.has(row.score.region)) {
    cells[0].append(el("span", { class: "flag", title: "An alert is open" }, "alert open"));
  }
  return el("tr", { "data-region": row.score.region, on: { click: () => choose(row.score.region) } }, ...cells);
}
