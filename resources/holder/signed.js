// Reads what the hub signed: compact ES256 JWS with the signer's certificate in x5c.
//
// The chain to the province's root is the verifying departments' business: this page itself comes
// from the hub, so a root delivered with it would prove nothing more. What is checked here is that
// the certificate kept on the phone is whole and was signed by the key it names.

import { fromBase64, fromBase64url, jsonOf, utf8 } from "./bytes.js";

/** One DER element at `at`: {tag, start, end} of its content; throws when it leaves the data. */
function element(der, at) {
  const tag = der[at];
  let length = der[at + 1];
  let start = at + 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 3) throw new Error("der");
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + der[start + i];
    start += count;
  }
  const end = start + length;
  if (!(end <= der.length)) throw new Error("der");
  return { tag, at, start, end };
}

/** The subjectPublicKeyInfo (whole DER element) of an X.509 certificate. */
export function publicKeyOf(der) {
  const certificate = element(der, 0);
  const signedPart = element(der, certificate.start);
  let at = signedPart.start;
  if (element(der, at).tag === 0xa0) at = element(der, at).end; // version
  // serialNumber, signature, issuer, validity, subject come before the key (RFC 5280, 4.1).
  for (let i = 0; i < 5; i++) at = element(der, at).end;
  const key = element(der, at);
  if (key.tag !== 0x30) throw new Error("der");
  return der.slice(key.at, key.end);
}

/** Header and payload of a JWS whose signature by its own x5c leaf holds; throws otherwise. */
export async function readSigned(text, type) {
  const parts = text.split(".");
  if (parts.length !== 3) throw new Error("segments");
  const header = jsonOf(parts[0]);
  if (header.alg !== "ES256" || header.typ !== type || "crit" in header) throw new Error("header");
  if (!Array.isArray(header.x5c) || header.x5c.length < 1) throw new Error("x5c");
  const spki = publicKeyOf(fromBase64(header.x5c[0]));
  const key = await crypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const held = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    key,
    fromBase64url(parts[2]),
    utf8(`${parts[0]}.${parts[1]}`),
  );
  if (!held) throw new Error("signature");
  return { header, payload: jsonOf(parts[1]) };
}
