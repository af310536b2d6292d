// The phone's key: made here, never extractable, used only to prove itself.

import { toBase64url, utf8 } from "./bytes.js";
import { HolderError } from "./errors.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** Throws the HolderError that names what this browser lacks. */
export function checkBrowser() {
  if (!globalThis.isSecureContext) throw new HolderError("insecure_origin");
  if (!globalThis.crypto || !crypto.subtle) throw new HolderError("no_crypto");
  if (typeof BigInt === "undefined" || !Blob.prototype.stream) throw new HolderError("browser_old");
}

/** A new P-256 key pair whose private half cannot leave the browser. */
export async function newKey() {
  try {
    return await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
  } catch (cause) {
    throw new HolderError("no_crypto", { detail: String(cause) });
  }
}

/** The public half as {kty, crv, x, y}. */
export async function publicJwk(keyPair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keyPair.publicKey);
  return { kty, crv, x, y };
}

/** The proof of OpenID4VCI 1.0, appendix F.1; `now` in seconds. */
export async function makeProof(keyPair, audience, nonce, now) {
  const header = { alg: "ES256", typ: "openid4vci-proof+jwt", jwk: await publicJwk(keyPair) };
  const payload = { aud: audience, iat: now, nonce };
  return signJws(keyPair, header, payload);
}

/** A compact JWS by the phone's key. */
export async function signJws(keyPair, header, payload) {
  const part = (value) => toBase64url(utf8(JSON.stringify(value)));
  const input = `${part(header)}.${part(payload)}`;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keyPair.privateKey, utf8(input));
  return `${input}.${toBase64url(signature)}`;
}
