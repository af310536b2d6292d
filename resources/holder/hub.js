// Requests to the one hub this page came from. Knows where it is, what time it has, and when it is away.

import { HolderError, refusal } from "./errors.js";

const TIMEOUT = 20000;
const CLOCK_TOLERANCE = 5 * 60;

/** The hub's public address without a final slash: where this module was loaded from, one folder up. */
export const ISSUER = new URL("..", import.meta.url).href.replace(/\/$/, "");

/** Seconds by which the hub's clock is ahead of the phone's, from its last answer; null before any. */
let skew = null;

/** The present moment in seconds: the hub's clock while we know it, else the phone's. */
export function now() {
  return Math.floor(Date.now() / 1000) + (skew || 0);
}

/** How wrong the phone's clock is, in minutes; 0 while it is within five minutes or unknown. */
export function minutesOff() {
  return skew !== null && Math.abs(skew) > CLOCK_TOLERANCE ? Math.round(Math.abs(skew) / 60) : 0;
}

/** Whether an address belongs to this hub. */
export function isOurs(address) {
  return address === ISSUER || address.startsWith(`${ISSUER}/`);
}

/** Where a well-known document stands: between host and path (OpenID4VCI 1.0, 12.2.2). */
function wellKnown(name) {
  const { origin, pathname } = new URL(ISSUER);
  return `${origin}/.well-known/${name}${pathname === "/" ? "" : pathname}`;
}

/** One request; the Response. Throws HolderError when the network or the hub is away. */
export async function ask(address, options = {}) {
  if (!isOurs(address) && !address.startsWith(`${new URL(ISSUER).origin}/.well-known/`)) {
    throw new HolderError("offer_foreign", { host: new URL(address).host });
  }
  if (navigator.onLine === false) throw new HolderError("network_gone");
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const response = await fetch(address, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: abort.signal,
      ...options,
    });
    const date = Date.parse(response.headers.get("date") || "");
    if (date) skew = Math.round((date - Date.now()) / 1000);
    return response;
  } catch {
    throw new HolderError(navigator.onLine === false ? "network_gone" : "server_gone");
  } finally {
    clearTimeout(timer);
  }
}

async function bodyOf(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** The JSON object of a 200 answer. Throws the HolderError of any refusal. */
export async function askJson(address, options = {}, fallback = "answer_wrong") {
  const response = await ask(address, { headers: { Accept: "application/json" }, ...options });
  const body = await bodyOf(response);
  if (!response.ok) throw refusal(response.status, body, fallback);
  if (body === null || typeof body !== "object") throw new HolderError("answer_wrong");
  return { status: response.status, body };
}

/** POST JSON to a path or address of the hub, with an access token if given. */
export function postJson(address, value, token) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  return askJson(address, { method: "POST", headers, body: JSON.stringify(value) });
}

/** What the hub says about itself: endpoints, and whether it only rehearses. */
export async function metadata() {
  const { body: issuer } = await askJson(wellKnown("openid-credential-issuer"));
  if (issuer.credential_issuer !== ISSUER) throw new HolderError("offer_foreign", { host: "" });
  const { body: server } = await askJson(wellKnown("oauth-authorization-server"));
  const places = {
    token: server.token_endpoint,
    nonce: issuer.nonce_endpoint,
    credential: issuer.credential_endpoint,
    deferred: issuer.deferred_credential_endpoint,
    notification: issuer.notification_endpoint,
  };
  for (const name of ["token", "nonce", "credential"]) {
    if (typeof places[name] !== "string" || !isOurs(places[name])) throw new HolderError("answer_wrong");
  }
  // A rehearsal hub says so in the names it shows to people.
  const names = JSON.stringify([issuer.display, issuer.credential_configurations_supported]);
  return { ...places, rehearsal: names.includes("演练") };
}
