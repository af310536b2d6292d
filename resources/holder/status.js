// The state of a kept certificate, asked of the hub's status list when it can be reached.

import { isDelegation, readStatus, worse } from "./certificate.js";
import { ask, isOurs, now } from "./hub.js";

/** A newer status of a certificate, or null when the list could not be had or was not believable. */
export async function freshStatus(certificate) {
  const { claims } = certificate;
  const newestSeen = certificate.status ? certificate.status.issuedAt : 0;
  try {
    const own = await statusAt(claims.status && claims.status.status_list, newestSeen);
    return isDelegation(claims) ? worse(own, await statusAt(claims.authority, newestSeen)) : own;
  } catch {
    // Whatever went wrong, the answer is the same: not known now. The last one stands with its date.
    return null;
  }
}

async function statusAt(reference, newestSeen) {
  if (!reference || typeof reference.uri !== "string" || !isOurs(reference.uri)) throw new Error("status reference");
  const response = await ask(reference.uri, { headers: { Accept: "application/statuslist+jwt" } });
  if (!response.ok) throw new Error("status list");
  return readStatus(await response.text(), reference, { newestSeen, now: now() });
}
