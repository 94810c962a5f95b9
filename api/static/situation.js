// The map of the situation: outlines from the server, levels from the page.

const SVG = "http://www.w3.org/2000/svg";
const STEP = 1.5; // of one zoom
const NAME = 13; // pixels, height of the name of a country
const [LONG, FEW] = [16, 40]; // letters of a name that would cover others, if there are more countries
let shape = null; // the outlines that were loaded
let view = null; // left, top, width and height of what is seen

function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

async function begin() {
  const place = document.getElementById("map");
  if (!place) return;
  if (!shape) {
    const answer = await fetch(place.dataset.outlines);
    shape = answer.ok ? await answer.json() : null;
  }
  if (!shape) {
    place.hidden = true;
    return;
  }
  view ||= [0, 0, shape.width, shape.height];
  draw(place);
}

function draw(place) {
  const levels = JSON.parse(document.getElementById("levels").textContent);
  const root = svg("svg", { class: "drawing", role: "group", tabindex: "0", "aria-label": place.dataset.label || "" });
  root.append(patterns());
  const shown = place.dataset.level === "country" ? shape.countries : shape.regions;
  for (const region of shown) {
    const level = levels[region.id] || "unscored";
    const path = svg("path", { d: region.path, class: "region", fill: `url(#map-${level})`, "data-region": region.id });
    const title = svg("title", {});
    title.textContent = region.name;
    path.append(title);
    root.append(path);
  }
  for (const country of shape.countries) root.append(svg("path", { d: country.path, class: "border" }));
  root.append(svg("g", { class: "names", "aria-hidden": "true" }));
  const buttons = document.createElement("div");
  buttons.className = "zoom";
  for (const [sign, by] of [["+", 1 / STEP], ["−", STEP]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.ariaLabel = place.dataset[by < 1 ? "closer" : "wider"];
    button.addEventListener("click", () => zoom(root, by));
    buttons.append(button);
  }
  place.replaceChildren(root, buttons);
  place.style.aspectRatio = `${shape.width} / ${Math.max(shape.height, shape.width / 3)}`;
  root.addEventListener("click", open);
  root.addEventListener("keydown", (event) => steer(event, root));
  root.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(root, event.deltaY < 0 ? 1 / STEP : STEP, at(event, root));
  }, { passive: false });
  drag(root);
  look(root);
}

// The map has patterns of its own, which keep their size on the screen when it is zoomed.
function patterns() {
  const own = svg("defs", {});
  for (const pattern of document.querySelectorAll("pattern[id^=fill-]")) {
    const copy = pattern.cloneNode(true);
    copy.id = pattern.id.replace("fill-", "map-");
    own.append(copy);
  }
  return own;
}

function look(root) {
  root.setAttribute("viewBox", view.join(" "));
  const scale = scaleOf(root);
  for (const pattern of root.querySelectorAll("pattern")) pattern.setAttribute("patternTransform", `scale(${scale})`);
  name(root);
}

// How many units of the drawing a pixel is. The drawing fits into its box, so one side may be left over.
function scaleOf(root) {
  const box = root.getBoundingClientRect();
  return Math.max(view[2] / (box.width || view[2]), view[3] / (box.height || view[3]));
}

// The place of a pointer in what is seen, as shares of its width and height.
function at(event, root) {
  const box = root.getBoundingClientRect();
  const scale = scaleOf(root);
  const share = (pixels, side, seen) => 0.5 + ((pixels - side / 2) * scale) / seen;
  return [share(event.clientX - box.left, box.width, view[2]), share(event.clientY - box.top, box.height, view[3])];
}

function zoom(root, by, [x, y] = [0.5, 0.5]) {
  const width = Math.min(shape.width, Math.max(shape.width / 60, view[2] * by));
  const height = (width * shape.height) / shape.width;
  view = inside([view[0] + (view[2] - width) * x, view[1] + (view[3] - height) * y, width, height]);
  look(root);
}

function inside([left, top, width, height]) {
  return [Math.max(0, Math.min(left, shape.width - width)), Math.max(0, Math.min(top, shape.height - height)), width, height];
}

function steer(event, root) {
  const moves = { ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, -0.2], ArrowDown: [0, 0.2] };
  const zooms = { "+": 1 / STEP, "=": 1 / STEP, "-": STEP };
  if (moves[event.key]) {
    const [x, y] = moves[event.key];
    view = inside([view[0] + x * view[2], view[1] + y * view[3], view[2], view[3]]);
    look(root);
  } else if (zooms[event.key]) zoom(root, zooms[event.key]);
  else return;
  event.preventDefault();
}

function drag(root) {
  let from = null;
  root.addEventListener("pointerdown", (event) => {
    if (view[2] < shape.width) from = { x: event.clientX, y: event.clientY, view };
  });
  root.addEventListener("pointermove", (event) => {
    if (!from) return;
    const scale = scaleOf(root);
    view = inside([from.view[0] - (event.clientX - from.x) * scale, from.view[1] - (event.clientY - from.y) * scale, from.view[2], from.view[3]]);
    root.dataset.dragged = Math.hypot(event.clientX - from.x, event.clientY - from.y) > 4 ? "yes" : "";
    look(root);
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) root.addEventListener(end, () => { from = null; });
}

function open(event) {
  const { region } = event.target.dataset;
  const root = event.currentTarget;
  if (root.dataset.dragged) root.dataset.dragged = "";
  else if (region) {
    const query = new URLSearchParams(location.search);
    const kept = new URLSearchParams();
    for (const each of ["target", "as_of"]) if (query.get(each)) kept.set(each, query.get(each));
    location.assign(`/regions/${encodeURIComponent(region)}?${kept}`);
  }
}

// Names, the most concerned and the largest places first. A name that would cover another one is left out.
function name(root) {
  const group = root.querySelector(".names");
  const scale = scaleOf(root);
  const taken = [];
  group.replaceChildren(...named().flatMap((place) => {
    const [x, y] = place.at;
    if (x < view[0] || x > view[0] + view[2] || y < view[1] || y > view[1] + view[3]) return [];
    const words = place.name;
    if (words.length > LONG && shape.countries.length > FEW) return [];
    const half = (words.length * NAME * 0.29 + 3) * scale;
    const high = NAME * 0.75 * scale;
    const mine = { left: x - half, right: x + half, top: y - high, bottom: y + high };
    if (mine.left < view[0] || mine.right > view[0] + view[2]) return [];
    if (taken.some((other) => mine.right > other.left && mine.left < other.right && mine.bottom > other.top && mine.top < other.bottom)) return [];
    taken.push(mine);
    const text = svg("text", { x, y: y + NAME * 0.35 * scale, class: "name", "font-size": NAME * scale, "stroke-width": 3 * scale });
    text.textContent = words;
    return [text];
  }));
}

// The places that are named: countries, or the regions of the only country.
function named() {
  const places = shape.countries.length === 1 && shape.regions.length > 1 ? shape.regions : shape.countries;
  const levels = JSON.parse(document.getElementById("levels").textContent);
  const concerned = ({ id }) => Number(["elevated", "high", "critical"].includes(levels[id]));
  return [...places].sort((a, b) => concerned(b) - concerned(a) || b.path.length - a.path.length);
}

// The slider chooses the last day of a week, and loads the page as it was known then.
function slide() {
  const week = document.getElementById("week");
  if (!week) return;
  week.hidden = false;
  const begins = Date.parse(`${week.dataset.first}T00:00Z`);
  const today = Date.parse(`${week.dataset.today}T00:00Z`);
  const chosen = () => new Date(Math.min(begins + (Number(week.value) * 7 + 6) * 86_400_000, today));
  const words = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { dateStyle: "medium", timeZone: "UTC" });
  week.addEventListener("input", () => { week.nextElementSibling.textContent = words.format(chosen()); });
  week.addEventListener("change", () => {
    const query = new URLSearchParams(location.search);
    if (week.value === week.max) query.delete("as_of");
    else query.set("as_of", chosen().toISOString().slice(0, 10));
    location.search = query;
  });
}

slide();
document.addEventListener("ewarn:fresh", begin);
begin();
