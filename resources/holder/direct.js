// The direct form (离线码): a presentation in one symbol. core/credentials/direct.py puts it together again.

import { binaryOf, bytesOf, fromBase64, fromBase64url, jsonOf } from "./bytes.js";
import { HolderError } from "./errors.js";

const PREFIX = "CDV2:";
/** Most characters: 16 % below what the largest symbol holds at level L. Verifiers have the same limit. */
const LIMIT = 3600;
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const [BYTES, TEXT, LEAF] = ["\x01", "\x02", "\x03"];

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

function marked(mark, content) {
  return mark + String.fromCharCode(content.length >> 8, content.length & 255) + content;
}

/** A run of base64url as its bytes; what is text in there is laid out in turn. */
function laidOut(run, leaf) {
  let content;
  try {
    content = binaryOf(fromBase64url(run));
  } catch {
    return run;
  }
  // Bytes that look like a mark would be read as one.
  return /[\x01-\x03]/.test(content) ? marked(BYTES, content) : marked(TEXT, layOut(content, leaf));
}

function layOut(text, leaf) {
  const parts = text.split(leaf.text).map((part) => part.replace(/[A-Za-z0-9_-]{20,}/g, (run) => laidOut(run, leaf)));
  return parts.join(marked(LEAF, leaf.name));
}

/** The code that holds a presentation; throws when there is no room for it, or the browser is too old. */
export async function pack(presentation) {
  if (typeof CompressionStream === "undefined") throw new HolderError("direct_impossible");
  const [text] = jsonOf(presentation.split(".")[0]).x5c;
  const digest = await crypto.subtle.digest("SHA-256", fromBase64(text));
  const data = bytesOf(layOut(presentation, { text, name: binaryOf(digest.slice(0, 8)) }));
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate"));
  const code = PREFIX + toBase45(new Uint8Array(await new Response(stream).arrayBuffer()));
  if (code.length > LIMIT) throw new HolderError("direct_too_large");
  return code;
}
