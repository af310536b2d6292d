// Text and bytes, strictly: one spelling of base64url, no stray characters.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** UTF-8 bytes of a text. */
export function utf8(text) {
  return encoder.encode(text);
}

/** Bytes as a text of one character each, U+0000 to U+00FF. */
export function binaryOf(bytes) {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return binary;
}

/** The bytes of such a text. */
export function bytesOf(binary) {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** base64url without padding. */
export function toBase64url(bytes) {
  return btoa(binaryOf(bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Bytes of strict base64url; throws on padding, foreign characters or stray bits. */
export function fromBase64url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("base64url");
  const bytes = fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
  if (toBase64url(bytes) !== text) throw new Error("base64url");
  return bytes;
}

/** Bytes of ordinary base64 (an x5c entry). */
export function fromBase64(text) {
  return bytesOf(atob(text));
}

/** The JSON object that a base64url segment holds. */
export function jsonOf(segment) {
  return JSON.parse(decoder.decode(fromBase64url(segment)));
}

/** SHA-256 of a text, base64url. */
export async function sha256(text) {
  return toBase64url(await crypto.subtle.digest("SHA-256", utf8(text)));
}
