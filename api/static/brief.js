// The brief of a country: loaded with the key of this tab and shown as the API renders it.

import { ask, askText, keptKey, useKey } from "./ask.js";
import { byId, el } from "./nodes.js";

const asked = new URLSearchParams(location.search);
const LANGUAGES = { en: "English", fr: "Français" };

async function begin() {
  const config = await ask("/page-config.json");
  useKey(config.key || keptKey());
  const region = asked.get("region") || "";
  const query = { format: "html", language: asked.get("language"), as_of: asked.get("as_of") };
  const text = await askText(`/v1/regions/${encodeURIComponent(region)}/brief`, query);
  const made = new DOMParser().parseFromString(text, "text/html");
  document.title = made.title;
  document.documentElement.lang = made.documentElement.lang;
  document.body.replaceChildren(tools(region), ...made.body.children);
}

function tools(region) {
  const spoken = document.documentElement.lang;
  const others = Object.entries(LANGUAGES).filter(([code]) => code !== spoken);
  return el("nav", { class: "tools", "aria-label": "Brief" },
    el("a", { href: `/#${region}` }, "← ewarn"),
    ...others.map(([code, name]) => el("a", { href: `?${inLanguage(code)}`, lang: code }, name)),
    el("button", { type: "button", on: { click: () => print() } }, spoken === "fr" ? "Imprimer" : "Print"));
}

function inLanguage(code) {
  const query = new URLSearchParams(asked);
  query.set("language", code);
  return query;
}

begin().catch((error) => { byId("status").textContent = error.message; });
