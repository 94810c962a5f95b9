// Numbers, days and names as text for readers.

export const BANDS = ["low", "guarded", "elevated", "high", "critical"];
const LANGUAGE = "en-GB";
const WEEK = 7 * 86_400_000;

export function percent(share) {
  if (share === null || share === undefined) return "–";
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)}%`;
}

export function interval(score) {
  return score.low === null ? "" : `${percent(score.low)}–${percent(score.high)}`;
}

export function points(difference) {
  if (difference === null) return "–";
  const size = Math.abs(difference * 100);
  if (size < 0.05) return "no change";
  return `${difference > 0 ? "▲ +" : "▼ −"}${size.toFixed(1)} pts`;
}

export function number(value) {
  if (value === null || value === undefined) return "not observed";
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

// Rows compiled by hand give no share: a week without a row may be a week that nobody recorded.
export function observedWeeks(score) {
  if (!score.id) return "–";
  if (score.basis === "illustration") return "compiled by hand";
  return `${Math.round(score.completeness * 100)}%`;
}

export function day(text, style = "medium") {
  if (!text) return "";
  const moment = new Date(text.length === 10 ? `${text}T00:00Z` : text);
  return moment.toLocaleDateString(LANGUAGE, { dateStyle: style, timeZone: "UTC" });
}

export function month(text) {
  const moment = new Date(`${text}T00:00Z`);
  const style = { month: "short", year: "numeric", timeZone: "UTC" };
  return moment.toLocaleDateString(LANGUAGE, style);
}

export function weeksBefore(text, weeks) {
  return new Date(Date.parse(`${text}T00:00Z`) - weeks * WEEK).toISOString().slice(0, 10);
}

export function host(text) {
  if (!text) return "";
  return text.replace(/^https?:\/\//, "").split("/")[0];
}

export function sentence(score) {
  const name = score.level === "country" ? score.region_name : `${score.region_name}, ${score.country}`;
  if (score.probability === null) {
    return `${name}: not calibrated, ${number(score.observed)} ${score.unit} observed, bound ${number(score.upper)}`;
  }
  return `${name}: ${score.band}, ${percent(score.probability)} (${interval(score)})`;
}
