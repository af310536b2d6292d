// The certificate as a value: an SD-JWT VC read strictly (RFC 9901, 7.1), and what its state is now.

import { fromBase64url, jsonOf, sha256 } from "./bytes.js";
import { HolderError } from "./errors.js";
import { readSigned } from "./signed.js";

export const VCT = "urn:certdesk:public-institution-legal-person:1";
export const DELEGATION = "urn:certdesk:delegation:1";
const SKEW = 60;

/** Put the disclosed claims in place of their digests; every disclosure must be signed for, once. */
async function reveal(payload, disclosures) {
  const waiting = new Map();
  for (const text of disclosures) {
    const digest = await sha256(text);
    if (waiting.has(digest)) throw new Error("disclosure repeated");
    waiting.set(digest, jsonOf(text));
  }
  const fill = (value) => {
    if (Array.isArray(value)) return value.map(fill);
    if (value === null || typeof value !== "object") return value;
    const result = {};
    for (const [name, inner] of Object.entries(value)) if (name !== "_sd") result[name] = fill(inner);
    for (const digest of value._sd || []) {
      const parts = waiting.get(digest);
      if (!parts) continue;
      waiting.delete(digest);
      const [, name, inner] = parts;
      if (parts.length !== 3 || name in result || ["_sd", "...", "__proto__"].includes(name)) {
        throw new Error("disclosure");
      }
      result[name] = fill(inner);
    }
    return result;
  };
  const claims = fill(payload);
  if (waiting.size) throw new Error("disclosure unsigned");
  if ((payload._sd_alg || "sha-256") !== "sha-256") throw new Error("_sd_alg");
  delete claims._sd_alg;
  return claims;
}

/**
 * The claims of a certificate that is whole, ours and for this phone's key.
 * Throws HolderError "signature_wrong" or "certificate_foreign".
 */
export async function readCertificate(sdJwt, { issuer, jwk }) {
  let claims;
  try {
    const [jws, ...rest] = sdJwt.split("~");
    if (rest.pop() !== "") throw new Error("shape");
    const { payload } = await readSigned(jws, "dc+sd-jwt");
    claims = await reveal(payload, rest);
  } catch (cause) {
    throw new HolderError("signature_wrong", { detail: String(cause.message || cause) });
  }
  const bound = claims.cnf && claims.cnf.jwk;
  const ours = bound && bound.x === jwk.x && bound.y === jwk.y;
  if (![VCT, DELEGATION].includes(claims.vct) || claims.iss !== issuer || !ours) throw new HolderError("certificate_foreign");
  return claims;
}

/** Two bits (or 1, 4, 8) out of an unpacked status list. */
function valueAt(bytes, bits, index) {
  const perByte = 8 / bits;
  const place = Math.floor(index / perByte);
  if (place >= bytes.length) return null;
  return (bytes[place] >> ((index % perByte) * bits)) & ((1 << bits) - 1);
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * What a status list says about one certificate: {value, issuedAt, expiresAt} (seconds).
 * Throws on a foreign, unsigned, rolled-back or unreadable list; the state is then unknown.
 */
export async function readStatus(text, reference, { newestSeen, now }) {
  const { payload } = await readSigned(text.trim(), "statuslist+jwt");
  const list = payload.status_list || {};
  if (payload.sub !== reference.uri || ![1, 2, 4, 8].includes(list.bits)) throw new Error("status list");
  if (!Number.isInteger(payload.iat) || !Number.isInteger(payload.exp)) throw new Error("status times");
  if (payload.iat < newestSeen || payload.iat > now + SKEW || payload.exp <= now) throw new Error("status times");
  const value = valueAt(await inflate(fromBase64url(list.lst)), list.bits, reference.idx);
  if (value === null) throw new Error("status index");
  return { value, issuedAt: payload.iat, expiresAt: payload.exp };
}

/** Whether a credential is an authorisation below a certificate. */
export function isDelegation(claims) {
  return claims.vct === DELEGATION;
}

/** The worse of two statuses: an authorisation is worth no more than what it hangs on. */
export function worse(own, above) {
  const rank = (status) => [0, 2, 1].indexOf(status.value);
  const known = rank(own) < 0 || rank(above) < 0;
  const value = known ? (rank(own) < 0 ? own.value : above.value) : rank(own) >= rank(above) ? own.value : above.value;
  return { value, issuedAt: Math.min(own.issuedAt, above.issuedAt), expiresAt: Math.min(own.expiresAt, above.expiresAt) };
}

/** The certificate's own end: the earlier of `exp` and the last day of its validity, in China, as seconds. */
export function endOf(claims) {
  const day = claims.vct === DELEGATION ? claims.valid_to : claims.unit && claims.unit.valid_to;
  const last = /^\d{4}-\d{2}-\d{2}$/.test(day || "") ? Date.parse(`${day}T23:59:59+08:00`) / 1000 : Infinity;
  return Math.min(claims.exp || Infinity, last);
}

/**
 * The state shown, pure: {state, why, asOf}. `status` is what readStatus answered last (or null),
 * `now` in seconds. Voided stays voided without any list; everything else needs a current one.
 */
export function judge(claims, status, now) {
  const asOf = status ? status.issuedAt : null;
  if (status && status.value === 1) return { state: "invalid", why: "voided", asOf };
  if (endOf(claims) <= now) return { state: "invalid", why: "ended", asOf };
  if (isDelegation(claims) && claims.nbf > now) return { state: "early", why: "early", asOf };
  if (!status) return { state: "unknown", why: "never", asOf };
  if (now < Math.max(status.issuedAt, claims.iat || 0) - SKEW) return { state: "unknown", why: "clock", asOf };
  if (status.expiresAt <= now) return { state: "unknown", why: "old", asOf };
  if (status.value === 0) return { state: "valid", why: "", asOf };
  if (status.value === 2) return { state: "suspended", why: "", asOf };
  return { state: "unknown", why: "value", asOf };
}
