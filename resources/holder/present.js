// Presentations (RFC 9901, 4.3 and 7.3): chosen fields of a credential, bound by the phone's key to a purpose.

import { jsonOf, sha256, utf8 } from "./bytes.js";
import { HolderError } from "./errors.js";
import { ISSUER, metadata, now, postJson } from "./hub.js";
import { signJws } from "./keys.js";

const HOLDER = `${ISSUER}/api/v1/holder`;
const DIRECT = "CDV1:";
/** Characters that one symbol can hold and a good camera still reads off a phone. */
const DIRECT_LIMIT = 3600;
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

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

/** One proven request of a holder; the answer's object. The proof serves this text at this place only. */
export async function askAs(kept, name, value = {}) {
  const request = JSON.stringify(value);
  const audience = `${HOLDER}/${name}#${await sha256(request)}`;
  const presentation = await bind(kept, [], audience, await freshNonce());
  return (await postJson(`${HOLDER}/${name}`, { presentation, request })).body;
}

/** Leave a presentation of these disclosures at the hub: {link, expires_in}. */
export async function showOnline(kept, chosen) {
  const presentation = await bind(kept, chosen, `${ISSUER}/v`, await freshNonce());
  return (await postJson(`${HOLDER}/show`, { presentation })).body;
}

function toBase45(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    let value = pair ? bytes[i] * 256 + bytes[i + 1] : bytes[i];
    for (let place = 0; place < (pair ? 3 : 2); place++) {
      text += BASE45[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** The same for a phone without network: all of it in one code, for verifiers with a current bundle. */
export async function showDirect(kept, chosen) {
  if (typeof CompressionStream === "undefined") throw new HolderError("direct_impossible");
  const random = crypto.getRandomValues(new Uint8Array(12));
  const presentation = await bind(kept, chosen, `${ISSUER}/v`, await sha256(String(random)));
  const stream = new Blob([utf8(presentation)]).stream().pipeThrough(new CompressionStream("deflate"));
  const text = DIRECT + toBase45(new Uint8Array(await new Response(stream).arrayBuffer()));
  if (text.length > DIRECT_LIMIT) throw new HolderError("direct_too_large");
  return text;
}
