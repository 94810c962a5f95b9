// Requests of the page for field reports. The observer's code and receipts are sent in headers only,
// because addresses are logged on the way.
const PATIENCE = 30000; // milliseconds; on a bad line the phone tries again later

export class NoLine extends Error {}

export class Refused extends Error {
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

async function asked(path, code, options = {}) {
  const { headers, ...others } = options;
  const stop = new AbortController(); // AbortSignal.timeout is not on older phones
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  let answer;
  try {
    answer = await fetch(path, {
      ...others,
      headers: { Authorization: `Bearer ${code}`, ...headers },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: stop.signal,
    });
  } catch {
    throw new NoLine();
  } finally {
    clearTimeout(timer);
  }
  if (!answer.ok) throw new Refused(answer.status);
  try {
    return await answer.json();
  } catch {
    throw new NoLine(); // the answer broke off
  }
}

export function form(code, language) {
  return asked(`/v1/reports/form?language=${language}`, code);
}

// Send a report. The same `id` sends the same report again, and the service stores it once.
export async function send(code, id, report) {
  const answer = await asked("/v1/reports", code, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": id },
    body: JSON.stringify(report),
  });
  return answer.receipt;
}

export async function stateOf(code, receipt) {
  const answer = await asked("/v1/reports/receipt", code, {
    headers: { "X-Ewarn-Receipt": receipt },
  });
  return answer.state;
}
