// The map: equirectangular, scaled by the cosine of the middle latitude.

import { byId, el, patterns, svg, swatch } from "./nodes.js";
import { BANDS, percent, sentence } from "./words.js";

const WIDTH = 600;
const MARGIN = 8;
const LONGEST_NAME = 14; // letters; a country with a longer one shows its code

function rings(geometry) {
  if (!geometry) return [];
  return geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
}

function projection(features) {
  const points = features.flatMap((feature) => rings(feature.geometry).flat());
  const longitudes = points.map((point) => point[0]);
  const latitudes = points.map((point) => point[1]);
  const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [west, east, south, north] = [
    least(longitudes), most(longitudes), least(latitudes), most(latitudes)];
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  // A tall country is scaled to its height, so that the map fits into the window.
  const scale = Math.min(
    (WIDTH - 2 * MARGIN) / ((east - west) * shrink), (WIDTH - 2 * MARGIN) / (north - south));
  const left = (WIDTH - (east - west) * shrink * scale) / 2;
  return {
    height: (north - south) * scale + 2 * MARGIN,
    place: ([lon, lat]) =>
      `${(left + (lon - west) * shrink * scale).toFixed(1)} ${(MARGIN + (north - lat) * scale).toFixed(1)}`,
  };
}

function outline(feature, place) {
  return rings(feature.geometry).map((ring) => `M${ring.map(place).join("L")}Z`).join("");
}

export function drawMap(features, scores, level, selected, choose) {
  const drawing = byId("map-drawing");
  const shown = features.filter((feature) => feature.geometry);
  if (!shown.length) {
    drawing.replaceChildren(el("p", { class: "fine" }, "No outlines are known for these places."));
    return;
  }
  const country = (feature) => feature.properties.parent || feature.id;
  const chosenOne = shown.find((feature) => feature.id === selected);
  // If a region is open, its country fills the map.
  const { height, place } = projection(
    chosenOne ? shown.filter((feature) => country(feature) === country(chosenOne)) : shown);
  const byRegion = new Map(scores.map((score) => [score.region, score]));
  const paths = shown
    .filter((feature) => feature.properties.level === level)
    .map((feature) => regionPath(feature, byRegion.get(feature.id), place, selected, choose));
  const borders = shown
    .filter((feature) => feature.properties.level === "country")
    .map((feature) => svg("path", { d: outline(feature, place), class: "border" }));
  const names = countryNames(byConcern(shown, scores), place);
  const group = svg("g", { role: "group", "aria-label": "Regions; arrow keys move between them" }, ...paths);
  group.addEventListener("keydown", (event) => rove(event, paths));
  const chosen = paths.find((path) => path.dataset.region === selected);
  const first = chosen || paths[0];
  if (first) first.setAttribute("tabindex", "0");
  const top = chosen ? [svg("path", { d: chosen.getAttribute("d"), class: "chosen" })] : [];
  drawing.replaceChildren(
    svg("svg", { viewBox: `0 0 ${WIDTH} ${height.toFixed(0)}` }, patterns(), group, ...borders, ...top, ...names));
}

function regionPath(feature, score, place, selected, choose) {
  const words = score ? sentence(score) : `${feature.properties.name}: not scored`;
  const band = score ? score.band : "unscored";
  const path = svg("path", {
    d: outline(feature, place),
    fill: `url(#fill-${band})`,
    class: "region",
    role: "button",
    tabindex: "-1",
    "aria-label": words,
    "data-region": feature.id,
    "aria-pressed": feature.id === selected ? "true" : "false",
    on: {
      click: () => choose(feature.id),
      pointerenter: () => { byId("readout").textContent = words; },
      focus: () => { byId("readout").textContent = words; },
    },
  });
  return path;
}

// Return countries by probability, the highest first: their names are placed first.
function byConcern(features, scores) {
  const most = new Map();
  for (const { country, probability } of scores) {
    most.set(country, Math.max(most.get(country) ?? 0, probability ?? 0));
  }
  return features
    .filter((feature) => feature.properties.level === "country")
    .sort((a, b) => (most.get(b.id) ?? 0) - (most.get(a.id) ?? 0));
}

// Return names of countries. A name that would overlap another one is left out.
function countryNames(countries, place) {
  const taken = [];
  const free = (box) => taken.every((other) =>
    box.right < other.left || box.left > other.right || Math.abs(box.y - other.y) > 17);
  return countries.flatMap((feature) => {
    const { name, longitude, latitude } = feature.properties;
    const words = name.length > LONGEST_NAME ? feature.id : name;
    const [x, y] = place([longitude, latitude]).split(" ").map(Number);
    const half = words.length * 4.4 + 3;
    const box = { left: x - half, right: x + half, y };
    if (box.left < 0 || box.right > WIDTH || !free(box)) return [];
    taken.push(box);
    return [svg("text", { x, y, class: "country", "aria-hidden": "true" }, words)];
  });
}

function rove(event, paths) {
  const at = paths.indexOf(event.target);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (at >= 0 && step) {
    event.preventDefault();
    const next = paths[(at + step + paths.length) % paths.length];
    paths[at].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  } else if (at >= 0 && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    event.target.dispatchEvent(new MouseEvent("click"));
  }
}

function share(cut) {
  return percent(cut).replace(".0%", "%");
}

export function drawLegend(cuts, calibrated) {
  const bounds = [0, ...Object.values(cuts)];
  const items = BANDS.map((band, index) => {
    const from = index ? `from ${share(bounds[index])}` : `below ${share(bounds[1])}`;
    return el("li", {}, swatch(band), `${band} `, el("span", { class: "fine" }, from));
  });
  const grey = el("li", {}, swatch("uncalibrated"), "not calibrated");
  byId("legend").replaceChildren(...(calibrated ? items : [grey]));
}
