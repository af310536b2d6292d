// Names hold characters that no phone draws. The page keeps its own glyphs for them, without
// any name in an address: only the sorted single characters are sent, in a request body.

import { ISSUER, ask } from "./hub.js";

const FAMILY = "CertDesk Rare";
const LIMIT = 64; // the hub cuts no larger font

/** Characters phones commonly lack: Extension A, the late additions to the first block, planes 2 and 3. */
export function rareIn(text) {
  const found = new Set();
  for (const character of text) {
    const point = character.codePointAt(0);
    if ((point >= 0x3400 && point <= 0x4dbf) || (point >= 0x9fa6 && point <= 0x9fff) || point >= 0x20000) {
      found.add(character);
    }
  }
  return [...found].sort((a, b) => a.codePointAt(0) - b.codePointAt(0)).slice(0, LIMIT).join("");
}

function textOf(value) {
  if (typeof value === "string") return value;
  if (value && typeof value === "object") return Object.values(value).map(textOf).join("");
  return "";
}

async function load(bytes, text) {
  const range = [...text].map((character) => `U+${character.codePointAt(0).toString(16)}`).join(",");
  const face = new FontFace(FAMILY, bytes, { unicodeRange: range });
  document.fonts.add(await face.load());
}

/** Make a certificate's rare characters visible, from the vault or, the first time, from the hub. */
export async function showRare(vault, certificate) {
  const text = rareIn(textOf([certificate.claims.unit, certificate.claims.representative, certificate.claims.manager]));
  if (!text || typeof FontFace === "undefined") return;
  try {
    const kept = await vault.glyphs(certificate.id);
    if (kept && kept.text === text) return await load(kept.bytes, text);
    const headers = { "Content-Type": "application/json" };
    const options = { method: "POST", headers, body: JSON.stringify({ text }) };
    const response = await ask(`${ISSUER}/api/v1/holder/glyphs`, options);
    if (!response.ok) return;
    const bytes = await response.arrayBuffer();
    await load(bytes, text);
    await vault.putGlyphs({ id: certificate.id, text, bytes });
  } catch {
    // The phone's own font stays; the next opening with a network tries again.
  }
}
