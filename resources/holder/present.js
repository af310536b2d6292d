// Presentations (RFC 9901, 4.3 and 7.3): chosen fields of a credential, bound by the phone's key to a purpose.

import { jsonOf, sha256 } from "./bytes.js";
import { pack } from "./direct.js";
import { HolderError } from "./errors.js";
import { ISSUER, metadata, now, postJson } from "./hub.js";
import { signJws } from "./keys.js";

const HOLDER = `${ISSUER}/api/v1/holder`;

/** The disclosures of a credential by where they belong: [{path, value, text}], `unit.name` and so on. */
export async function disclosuresOf(sdJwt) {
  const [jws, ...rest] = sdJwt.split("~");
  const payload = jsonOf(jws.split(".")[1]);
  const groups = [["", payload], ...Object.entries(payload).filter(([, value]) => value && value._sd)];
  const found = [];
  for (const text of rest.filter(Boolean)) {
    const digest = await sha256(text);
    const [group] = groups.find(([, value]) => (value._sd || []).includes(digest)) || [""];
    const [, name, value] = jsonOf(text);
    found.push({ path: group ? `${group}.${name}` : name, value, text });
  }
  return found;
}

async function bind(kept, chosen, audience, nonce) {
  const head = `${[kept.sdJwt.split("~")[0], ...chosen].join("~")}~`;
  const payload = { iat: now(), aud: audience, nonce, sd_hash: await sha256(head) };
  return head + (await signJws(kept.keyPair, { alg: "ES256", typ: "kb+jwt" }, payload));
}

let nonceEndpoint = "";

async function freshNonce() {
  if (!nonceEndpoint) nonceEndpoint = (await metadata()).nonce;
  const { body } = await postJson(nonceEndpoint, {});
  return body.c_nonce;
}

/** The hub is away: these requests have no claim code that a sentence need speak of. */
const AWAY = { network_gone: "request_offline", server_gone: "request_unanswered" };

/** One proven request of a holder; the answer's object. The proof serves this text at this place only. */
export async function askAs(kept, name, value = {}) {
  const request = JSON.stringify(value);
  const audience = `${HOLDER}/${name}#${await sha256(request)}`;
  try {
    const presentation = await bind(kept, [], audience, await freshNonce());
    return (await postJson(`${HOLDER}/${name}`, { presentation, request })).body;
  } catch (error) {
    throw AWAY[error.code] ? new HolderError(AWAY[error.code]) : error;
  }
}

/** Leave a presentation of these disclosures at the hub: {link, expires_in}. */
export async function showOnline(kept, chosen) {
  const presentation = await bind(kept, chosen, `${ISSUER}/v`, await freshNonce());
  return (await postJson(`${HOLDER}/show`, { presentation })).body;
}

/** The same for a phone without network: all of it in one code, for verifiers with a current bundle. */
export async function showDirect(kept, chosen) {
  const random = crypto.getRandomValues(new Uint8Array(12));
  return pack(await bind(kept, chosen, `${ISSUER}/v`, await sha256(String(random))));
}
