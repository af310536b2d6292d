// The state of a kept certificate, asked of the hub's status list when it can be reached.

import { readStatus } from "./certificate.js";
import { ask, isOurs, now } from "./hub.js";

/** A newer status of a certificate, or null when the list could not be had or was not believable. */
export async function freshStatus(certificate) {
  const reference = certificate.claims.status && certificate.claims.status.status_list;
  if (!reference || typeof reference.uri !== "string" || !isOurs(reference.uri)) return null;
  try {
    const response = await ask(reference.uri, { headers: { Accept: "application/statuslist+jwt" } });
    if (!response.ok) return null;
    const newestSeen = certificate.status ? certificate.status.issuedAt : 0;
    return await readStatus(await response.text(), reference, { newestSeen, now: now() });
  } catch {
    // Whatever went wrong, the answer is the same: not known now. The last one stands with its date.
    return null;
  }
}
