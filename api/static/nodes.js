// Create elements. Text is set as text and never as markup, so that data cannot inject HTML.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [kind, act] of Object.entries(value)) node.addEventListener(kind, act);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

// Each band has a pattern, so that nothing depends on colour alone.
export function patterns() {
  const lines = {
    guarded: "M1 1h.01",
    elevated: "M-1 5L5 -1M3 9L9 3",
    high: "M0 4h8M4 0v8",
    critical: "M0 0L8 8M8 0L0 8M4 -2v12",
    uncalibrated: "M0 4h8",
    unscored: "M-1 9L9 -1",
  };
  return svg("defs", {}, ...["low", ...Object.keys(lines)].map((band) =>
    svg("pattern", { id: `fill-${band}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
      svg("rect", { width: 8, height: 8, class: `band-${band}` }),
      svg("path", { d: lines[band] || "", class: `mark mark-${band}` }))));
}

export function swatch(band) {
  return svg("svg", { class: "swatch", width: 22, height: 16, "aria-hidden": "true" },
    svg("rect", { width: 22, height: 16, rx: 3, fill: `url(#fill-${band})`, class: "edge" }));
}
