// Keeps the page itself openable without network. Never stores an offer, a certificate or an answer:
// only the shell files named here, under addresses without a query.

const CACHE = "certdesk-holder-3";
const PATIENCE = 4000;
const BASE = new URL("./", self.location.href).href;
const FILES = [
  "app.js", "bytes.js", "certificate.js", "claim.js", "direct.js", "errors.js", "face.js", "glyphs.js", "grants.js", "hub.js",
  "icon.svg", "keys.js", "manifest.webmanifest", "matters.js", "offer.js", "present.js", "qr.js", "receipts.js", "reverse.js", "showing.js", "signed.js",
  "status.js", "style.css", "vault.js", "views.js",
];
const SHELL = [BASE, ...FILES.map((name) => `${BASE}holder/${name}`)];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL.map((address) => new Request(address, { cache: "no-cache" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith("certdesk-") && name !== CACHE));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

/** The shell address that answers a request, or "" for what is none of ours. */
function shellOf(request) {
  const address = request.url.split(/[?#]/)[0];
  if (request.method !== "GET") return "";
  if (request.mode === "navigate" && (address === BASE || address === `${BASE}c`)) return BASE;
  return SHELL.includes(address) && address !== BASE ? address : "";
}

async function fromNetwork(request, shell) {
  const response = await fetch(request);
  if (!response.ok) throw new Error(String(response.status));
  // Only under the address it was asked by: a page opened from a QR has the code in its address.
  if (request.url === shell) {
    const copy = response.clone();
    const cache = await caches.open(CACHE);
    await cache.put(shell, copy);
  }
  return response;
}

/** Network first, so that a mended page arrives; the kept copy when that fails or takes too long. */
async function answer(request, shell) {
  const network = fromNetwork(request, shell);
  network.catch(() => null);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const first = await Promise.race([network.catch(() => null), late]);
  return first || (await caches.match(shell)) || network;
}

self.addEventListener("fetch", (event) => {
  const shell = shellOf(event.request);
  if (shell) event.respondWith(answer(event.request, shell));
});
