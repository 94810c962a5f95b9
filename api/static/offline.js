// Lists the pages that the worker stored, on the page that is shown in place of one that it did not.

const list = document.querySelector("#stored ul");
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const parts = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
const words = new Intl.DateTimeFormat(language, { ...parts, timeZone: "UTC" });

// Return a line with the heading of a stored page, its address, and when it was read.
function line(address, text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const heading = page.querySelector("h1")?.textContent.trim();
  const read = page.body.dataset.read;
  if (!heading || !read) return [];
  const link = Object.assign(document.createElement("a"), { href: address, textContent: heading });
  const moment = `${words.format(new Date(read))} UTC`;
  const note = Object.assign(document.createElement("small"), { textContent: list.dataset.read.replace("{}", moment) });
  const item = Object.assign(document.createElement("li"), { className: "item" });
  item.append(link, " ", note);
  return [item];
}

async function show() {
  const store = await caches.open("ewarn-pages");
  const pages = (await store.keys()).filter((each) => !new URL(each.url).pathname.startsWith("/page/")).reverse();
  const texts = await Promise.all(pages.map(async (each) => (await store.match(each)).text()));
  list.replaceChildren(...pages.flatMap((each, at) => line(each.url, texts[at])));
  document.getElementById("stored").hidden = !list.children.length;
}

document.getElementById("again").href = location.href;
show();
