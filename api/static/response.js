// Sends a file of recommendations to the API, and shows what became of each line.

const form = document.getElementById("import");
const answer = document.getElementById("answer");
const part = (id) => document.getElementById(id);

function show(id, isShown) {
  part(id).hidden = !isShown;
}

// The API says why in English.
function showFailure(text, why = "") {
  part("failure").textContent = text;
  part("why").textContent = why;
  show("failure", true);
  show("why", why !== "");
  for (const id of ["counts", "rejected", "warnings"]) show(id, false);
}

function row(rejected) {
  const made = document.createElement("tr");
  const line = Object.assign(document.createElement("th"), { scope: "row", textContent: rejected.line });
  made.append(line, Object.assign(document.createElement("td"), { textContent: rejected.reason }));
  return made;
}

function showResult(result) {
  show("failure", false);
  show("why", false);
  show("counts", true);
  for (const name of ["added", "amended", "unchanged"]) part(name).textContent = result[name];
  part("refused").textContent = result.rejected.length;
  part("rejected").querySelector("tbody").replaceChildren(...result.rejected.map(row));
  show("rejected", result.rejected.length > 0);
  part("warnings").replaceChildren(
    ...result.warnings.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  show("warnings", result.warnings.length > 0);
}

async function send(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const headers = {
      "X-Ewarn-Form": document.body.dataset.form,
      "Content-Type": "application/octet-stream",
      "Accept-Language": document.documentElement.lang,
    };
    const sent = await fetch("/v1/recommendations/import", { method: "POST", headers, body: part("file").files[0] });
    const result = await sent.json();
    if (sent.ok) showResult(result);
    else showFailure(form.dataset.refused, result.detail);
  } catch {
    showFailure(form.dataset.failed);
  }
  button.disabled = false;
  answer.hidden = false;
  answer.focus();
}

form.addEventListener("submit", send);
form.hidden = false;
