// Two charts: weekly counts as bars, and a probability with its interval as a line.

import { el, svg } from "./nodes.js";
import { day, month, percent } from "./words.js";

const BARS = { width: 320, height: 64, base: 48, top: 4 };
const LINE = { height: 230, left: 44, right: 78, top: 12, bottom: 26 };

export function bars(series, weeks) {
  const most = Math.max(1, ...series.counts.map((count) => count ?? 0));
  const total = series.counts.reduce((sum, count) => sum + (count ?? 0), 0);
  const step = BARS.width / weeks.length;
  const high = BARS.base - BARS.top;
  const marks = series.counts.map((count, index) => {
    if (count === 0) return null;
    const tall = count === null ? high : Math.max(2, (count / most) * high);
    const what = count === null ? "not observed" : String(count);
    return svg("rect", {
      x: (index * step).toFixed(2), width: Math.max(step * 0.86, 0.8).toFixed(2),
      y: (BARS.base - tall).toFixed(1), height: tall.toFixed(1),
      class: count === null ? "gap" : `bar bar-${series.kind}`,
      fill: count === null ? "url(#fill-unscored)" : null,
    }, svg("title", {}, `week of ${day(weeks[index])}: ${what}`));
  });
  const missing = series.counts.filter((count) => count === null).length;
  const words = `${series.words}: ${total} in ${weeks.length} weeks, at most ${most} in one` +
    (missing ? `; ${missing} weeks not observed` : "");
  return el("figure", {},
    el("figcaption", {}, series.words, el("small", {}, ` ${total}, at most ${most} a week`)),
    svg("svg", { viewBox: `0 0 ${BARS.width} ${BARS.height}`, role: "img", "aria-label": words },
      ...marks.filter(Boolean),
      svg("line", { x1: 0, x2: BARS.width, y1: BARS.base + 0.5, y2: BARS.base + 0.5, class: "axis" }),
      svg("text", { x: 0, y: BARS.height - 4, class: "tick" }, month(weeks[0])),
      svg("text", { x: BARS.width, y: BARS.height - 4, class: "tick end" }, month(weeks.at(-1)))));
}

// Lines where bands begin. The name of a band is left out if it would overlap another one.
function bandCuts(cuts, most, y, right) {
  let lowest = -Infinity;
  return Object.entries(cuts).reverse().filter(([, cut]) => cut < most).flatMap(([band, cut]) => {
    const at = y(cut);
    const rule = svg("line", { x1: LINE.left, x2: right, y1: at, y2: at, class: "cut" });
    if (at - lowest < 14 || y(0) - at < 12) return [rule];
    lowest = at;
    return [rule, svg("text", { x: right + 6, y: at + 4, class: "tick" }, band),
      svg("text", { x: LINE.left - 6, y: at + 4, class: "tick end" }, percent(cut))];
  });
}

// `width` is in pixels, so that text keeps its size on a phone.
export function line(history, cuts, width) {
  const scored = history.filter((score) => score.probability !== null);
  if (scored.length < 2) return el("p", { class: "fine" }, "Not enough weeks yet for a line.");
  const most = Math.min(1, Math.max(cuts.elevated * 1.2, ...scored.map((score) => score.high)) * 1.06);
  const moment = (score) => Date.parse(score.interim ? score.as_of : score.origin);
  const first = moment(scored[0]);
  const last = moment(scored.at(-1));
  const right = width - LINE.right;
  const x = (score) => LINE.left + ((moment(score) - first) / (last - first)) * (right - LINE.left);
  const y = (share) => LINE.height - LINE.bottom -
    (share / most) * (LINE.height - LINE.top - LINE.bottom);
  const point = (score, share) => `${x(score).toFixed(1)} ${y(share).toFixed(1)}`;
  const up = scored.map((score) => point(score, score.high));
  const down = scored.map((score) => point(score, score.low)).reverse();
  const middle = scored.map((score) => point(score, score.probability));
  const now = scored.at(-1);
  const words = `Probability from ${day(scored[0].origin)} to ${day(now.origin)}, now ${percent(now.probability)}`;
  return svg("svg", { viewBox: `0 0 ${width} ${LINE.height}`, class: "line-chart", role: "img", "aria-label": words },
    ...bandCuts(cuts, most, y, right),
    svg("path", { d: `M${up.join("L")}L${down.join("L")}Z`, class: "interval" }),
    svg("path", { d: `M${middle.join("L")}`, class: "line" }),
    svg("circle", { cx: x(now), cy: y(now.probability), r: 3.5, class: "dot" }),
    svg("line", { x1: LINE.left, x2: right, y1: y(0), y2: y(0), class: "axis" }),
    svg("text", { x: LINE.left - 6, y: y(0) + 4, class: "tick end" }, "0%"),
    svg("text", { x: LINE.left, y: LINE.height - 8, class: "tick" }, month(scored[0].origin)),
    svg("text", { x: right, y: LINE.height - 8, class: "tick end" }, month(now.origin)));
}
