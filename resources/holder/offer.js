// The claim code as the page receives it: in its own address, by reference or by value, or typed.

import { HolderError, refusal } from "./errors.js";
import { ISSUER, ask, isOurs, postJson } from "./hub.js";

const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const SYMBOLS = "0123456789ACDEFGHJKMNPQRTVWXY";
const TWINS = { O: "0", I: "1", L: "1", Z: "2", S: "5", B: "8", U: "V" };

/** The offer parameters in an address's query: {uri} or {value}, or null when there are none. */
export function offerIn(search) {
  const query = new URLSearchParams(search);
  if (query.has("credential_offer_uri")) return { uri: query.get("credential_offer_uri") };
  if (query.has("credential_offer")) return { value: query.get("credential_offer") };
  return null;
}

function host(address) {
  try {
    return new URL(address).host;
  } catch {
    return "";
  }
}

/** The claim code an offer carries, without asking anyone; throws for foreign or unreadable offers. */
export function codeOf(reference) {
  if (reference.uri === undefined) return grantOf(parse(reference.value)).code;
  if (!/^https?:\/\//.test(reference.uri)) throw new HolderError("offer_unreadable");
  if (!isOurs(reference.uri)) throw new HolderError("offer_foreign", { host: host(reference.uri) });
  const code = reference.uri.slice(ISSUER.length).match(/^\/o\/([A-Za-z0-9_-]{20,400})$/);
  if (!code) throw new HolderError("offer_unreadable");
  return code[1];
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new HolderError("offer_unreadable");
  }
}

function grantOf(offer) {
  if (!offer || typeof offer.credential_issuer !== "string") throw new HolderError("offer_unreadable");
  if (offer.credential_issuer !== ISSUER) {
    throw new HolderError("offer_foreign", { host: host(offer.credential_issuer) });
  }
  const grant = offer.grants && offer.grants[PRE_AUTHORIZED];
  const configuration = (offer.credential_configuration_ids || [])[0];
  const code = grant && grant["pre-authorized_code"];
  if (typeof code !== "string" || !grant.tx_code || typeof configuration !== "string") {
    throw new HolderError("offer_unreadable");
  }
  return { code, configuration };
}

/** {code, configuration} of an offer, fetched when it is by reference. */
export async function resolveOffer(reference) {
  codeOf(reference);
  if (reference.uri === undefined) return grantOf(parse(reference.value));
  const response = await ask(reference.uri, { headers: { Accept: "application/json" } });
  let body = null;
  try {
    body = await response.json();
  } catch {
    if (response.ok) throw new HolderError("offer_unreadable");
  }
  if (!response.ok) throw refusal(response.status, body, "gone");
  return grantOf(body);
}

/** The eight symbols a person meant; throws "short_wrong" unless the check character is right. */
export function shortCode(text) {
  const plain = text.normalize("NFKC").toUpperCase().replace(/[\s\p{Pd}_]/gu, "");
  const symbols = [...plain].map((symbol) => TWINS[symbol] || symbol).join("");
  let sum = 0;
  [...symbols].forEach((symbol, place) => {
    const value = SYMBOLS.indexOf(symbol);
    sum = value < 0 ? NaN : sum + (place + 1) * value;
  });
  if (symbols.length !== 8 || sum % SYMBOLS.length !== 0) throw new HolderError("short_wrong");
  return symbols;
}

/** The offer behind a typed code. */
export async function offerOfShortCode(symbols) {
  try {
    const { body } = await postJson(`${ISSUER}/api/v1/holder/short`, { code: symbols });
    return { uri: body.credential_offer_uri };
  } catch (error) {
    throw error instanceof HolderError && error.code === "gone" ? new HolderError("short_unknown") : error;
  }
}
