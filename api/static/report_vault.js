// What is kept on the phone: one encrypted record for the code and the form, and one for each report
// that is not sent yet. Nothing of them is stored unencrypted. The key follows from the PIN
// (PBKDF2-SHA-256), and the PIN is stored nowhere.
const NAME = "ewarn-report";
const ITERATIONS = 600000; // OWASP Password Storage Cheat Sheet, for PBKDF2-HMAC-SHA256
const STEP = 4096; // bytes; every record is padded, so that its size reveals little
const SPACE = 32; // which JSON ignores at its end
const HOLDER = "holder";

let isErased = false; // what is still running then must store nothing again

export class WrongPin extends Error {}

function opened() {
  if (isErased) throw new Error("erased");
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("records", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function records(mode, use) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("records", mode);
      const asked = use(transaction.objectStore("records"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

async function keyOf(pin, salt) {
  const typed = await crypto.subtle.importKey(
    "raw", new TextEncoder().encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"],
  );
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS },
    typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
  );
}

async function sealed(key, id, value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const padded = new Uint8Array(Math.ceil(bytes.length / STEP) * STEP).fill(SPACE);
  padded.set(bytes);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(id);
  const data = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData }, key, padded,
  );
  return { id, iv, data };
}

async function unsealed(key, record) {
  const additionalData = new TextEncoder().encode(record.id);
  const data = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: record.iv, additionalData }, key, record.data,
  );
  return JSON.parse(new TextDecoder().decode(data));
}

// An open vault. `holder` is the observer's code and the form of its countries.
class Vault {
  constructor(key, salt, holder) {
    Object.assign(this, { key, salt, holder });
  }

  async hold(holder) {
    this.holder = holder;
    const record = await sealed(this.key, HOLDER, holder);
    await records("readwrite", (store) => store.put({ ...record, salt: this.salt }));
  }

  async keep(report) {
    const random = crypto.getRandomValues(new Uint8Array(16));
    const id = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const record = await sealed(this.key, id, report);
    await records("readwrite", (store) => store.put(record));
  }

  async waiting() {
    const found = await records("readonly", (store) => store.getAll());
    const reports = found.filter((record) => record.id !== HOLDER);
    return Promise.all(
      reports.map(async (record) => ({ id: record.id, report: await unsealed(this.key, record) })),
    );
  }

  remove(id) {
    return records("readwrite", (store) => store.delete(id));
  }
}

// Whether a vault is on this phone. Where nothing is, nothing is created.
export async function exists() {
  const names = indexedDB.databases ? (await indexedDB.databases()).map((each) => each.name) : [NAME];
  if (!names.includes(NAME)) return false;
  return (await records("readonly", (store) => store.count(HOLDER))) > 0;
}

export async function create(pin, holder) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const vault = new Vault(await keyOf(pin, salt), salt, holder);
  await vault.hold(holder);
  return vault;
}

export async function open(pin) {
  const record = await records("readonly", (store) => store.get(HOLDER));
  const key = await keyOf(pin, record.salt);
  try {
    return new Vault(key, record.salt, await unsealed(key, record));
  } catch {
    throw new WrongPin();
  }
}

// Remove everything of the page from this phone: records, stored files, and the service worker.
export async function eraseAll() {
  isErased = true;
  const database = new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  });
  const files = (await caches.keys())
    .filter((name) => name.startsWith("report-")).map((name) => caches.delete(name));
  const registered = navigator.serviceWorker
    ? (await navigator.serviceWorker.getRegistrations())
      .filter((each) => new URL(each.scope).pathname === "/report")
      .map((each) => each.unregister())
    : [];
  await Promise.all([database, ...files, ...registered]);
}
