// The map: equirectangular, with the cosine of the middle latitude, drawn once per set of places.

import { byId, el, patterns, svg, swatch } from "./nodes.js";
import { BANDS, sentence } from "./words.js";

const WIDTH = 600;
const MARGIN = 8;

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
  // A tall country is fitted by its height, so that the map never outgrows the window.
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
  const { height, place } = projection(shown);
  const byRegion = new Map(scores.map((score) => [score.region, score]));
  const paths = shown
    .filter((feature) => feature.properties.level === level)
    .map((feature) => regionPath(feature, byRegion.get(feature.id), place, selected, choose));
  const borders = shown
    .filter((feature) => feature.properties.level === "country")
    .map((feature) => svg("path", { d: outline(feature, place), class: "border" }));
  const names = shown
    .filter((feature) => feature.properties.level === "country")
    .map((feature) => countryName(feature, place));
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

function countryName(feature, place) {
  const { name, longitude, latitude } = feature.properties;
  const [x, y] = place([longitude, latitude]).split(" ");
  return svg("text", { x, y, class: "country", "aria-hidden": "true" }, name);
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

export function drawLegend(cuts, calibrated) {
  const bounds = [0, ...Object.values(cuts)];
  const items = BANDS.map((band, index) => {
    const from = `from ${Math.round(bounds[index] * 100)}%`;
    return el("li", {}, swatch(band), `${band} `,
      el("span", { class: "fine" }, index ? from : `below ${Math.round(bounds[1] * 100)}%`));
  });
  const grey = el("li", {}, swatch("uncalibrated"), "not calibrated");
  byId("legend").replaceChildren(...(calibrated ? items : [grey]));
}
