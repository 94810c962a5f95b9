// Requests to the API with the key of this tab. Every failure is a `Refused`.

const KEPT = "ewarn-key"; // in sessionStorage, which the browser deletes with the tab

let key = null;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || "The service did not answer as expected.");
    this.status = status;
  }
}

export function useKey(text) {
  key = text;
}

export function keptKey() {
  return sessionStorage.getItem(KEPT);
}

export function keepKey(text) {
  if (text === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, text);
  key = text;
}

function address(path, query) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== "");
  return kept.length ? `${path}?${new URLSearchParams(kept)}` : path;
}

async function answered(path, query) {
  let answer;
  try {
    answer = await fetch(address(path, query), { headers: key ? { "X-API-Key": key } : {} });
  } catch {
    throw new Refused(0, { detail: "The service cannot be reached. Check your connection." });
  }
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  return answer;
}

export async function ask(path, query = {}) {
  return (await answered(path, query)).json().catch(() => ({}));
}

export async function askText(path, query = {}) {
  return (await answered(path, query)).text();
}

// Return all pages of a list: its items and their notices.
export async function askAll(path, query = {}) {
  const first = await ask(path, { limit: 1000, ...query });
  const items = [...first.items];
  const notices = new Set([first.notice]);
  for (let next = first.next; next; ) {
    const page = await ask(next);
    items.push(...page.items);
    notices.add(page.notice);
    next = page.next;
  }
  return { items, notice: [...notices].filter(Boolean).join("; "), asOf: first.as_of };
}
