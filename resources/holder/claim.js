// Claiming: OpenID4VCI 1.0, pre-authorized code with transaction code, immediate or deferred.
//
// The unfinished claim is written down before each step that cannot be repeated, so that a page
// closed or killed at any moment goes on where it was when it is opened again.

import { sha256 } from "./bytes.js";
import { readCertificate } from "./certificate.js";
import { HolderError, refusal } from "./errors.js";
import { ISSUER, ask, askJson, now, postJson } from "./hub.js";
import { makeProof, newKey, publicJwk } from "./keys.js";

const PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const WAIT_LIMIT = 5;

/** Exchange code and six digits for a token; the claim, with its key, is then on disk. */
export async function redeem(vault, places, grant, digits) {
  const keyPair = await newKey();
  await vault.probe(keyPair);
  const form = new URLSearchParams({
    grant_type: PRE_AUTHORIZED,
    "pre-authorized_code": grant.code,
    tx_code: digits,
  });
  const body = await tokenAnswer(places.token, form);
  if (typeof body.access_token !== "string") throw new HolderError("answer_wrong");
  const claim = {
    codeHash: await sha256(grant.code),
    configuration: grant.configuration,
    places,
    keyPair,
    token: body.access_token,
    startedAt: now(),
  };
  await vault.putClaim(claim);
  return claim;
}

async function tokenAnswer(address, form) {
  const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" };
  try {
    return (await askJson(address, { method: "POST", headers, body: form.toString() })).body;
  } catch (error) {
    // Sent, and no answer: nobody here can know whether the code is spent.
    if (error.code === "server_gone") throw new HolderError("answer_lost");
    throw error;
  }
}

async function requestOnce(claim) {
  const { body } = await postJson(claim.places.nonce, {});
  const jwt = await makeProof(claim.keyPair, ISSUER, body.c_nonce, now());
  const request = { credential_configuration_id: claim.configuration, proofs: { jwt: [jwt] } };
  return postJson(claim.places.credential, request, claim.token);
}

/** Ask for the certificate with a key proof; a nonce that aged on the way is renewed once. */
async function request(claim) {
  try {
    return await requestOnce(claim);
  } catch (error) {
    if (error.code !== "proof_refused") throw error;
    return requestOnce(claim);
  }
}

async function poll(claim) {
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json",
    Authorization: `Bearer ${claim.token}`,
  };
  const body = JSON.stringify({ transaction_id: claim.transaction });
  const response = await ask(claim.places.deferred, { method: "POST", headers, body });
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return { status: response.status, body: answer };
  const words = answer ? `${answer.error} ${answer.error_description || ""}` : "";
  if (/issuance_pending|not_arrived/.test(words)) return { status: 202, body: answer };
  throw refusal(response.status, answer);
}

/**
 * Go one step on with an open claim: {certificate} when it is kept, or {wait: seconds, received}:
 * whether the hub has the approval by now.
 * Throws HolderError; the claim stays open unless the hub refused it for good.
 */
export async function advance(vault, claim) {
  const { status, body } = claim.transaction ? await poll(claim) : await request(claim);
  if (status === 202) {
    const transaction = body.transaction_id || claim.transaction;
    if (typeof transaction !== "string") throw new HolderError("answer_wrong");
    if (transaction !== claim.transaction) {
      claim.transaction = transaction;
      await vault.putClaim(claim);
    }
    const wait = Math.max(1, Math.min(Number(body.interval) || WAIT_LIMIT, WAIT_LIMIT));
    return { wait, received: body.received === true };
  }
  const first = Array.isArray(body.credentials) && body.credentials[0];
  if (!first || typeof first.credential !== "string") throw new HolderError("answer_wrong");
  return { certificate: await accept(vault, claim, first.credential, body.notification_id) };
}

async function accept(vault, claim, sdJwt, notification) {
  const jwk = await publicJwk(claim.keyPair);
  try {
    const claims = await readCertificate(sdJwt, { issuer: ISSUER, jwk });
    const certificate = {
      id: await sha256(sdJwt),
      sdJwt,
      keyPair: claim.keyPair,
      jwk,
      codeHash: claim.codeHash,
      keptAt: now(),
      status: null,
    };
    const older = await sameUnit(vault, claims);
    await vault.keep(certificate, older);
    await notify(claim, notification, "credential_accepted");
    return { ...certificate, claims };
  } catch (error) {
    // A full phone can be emptied and try again; a wrong certificate cannot become right.
    if (isFinal(error)) await notify(claim, notification, "credential_failure");
    throw error;
  }
}

/** What a new credential takes the place of: one of the same type for the same unit. */
async function sameUnit(vault, fresh) {
  const found = [];
  for (const kept of await vault.certificates()) {
    const claims = await readCertificate(kept.sdJwt, { issuer: ISSUER, jwk: kept.jwk }).catch(() => null);
    if (claims && claims.vct === fresh.vct && claims.unit.uscc === fresh.unit.uscc) found.push(kept.id);
  }
  return found;
}

/** Tell the hub how it ended. Its loss changes nothing for the holder, so it never fails. */
async function notify(claim, notification, event) {
  if (!notification || !claim.places.notification) return;
  const value = { notification_id: notification, event };
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${claim.token}` };
  const options = { method: "POST", headers, body: JSON.stringify(value) };
  await ask(claim.places.notification, options).catch(() => null);
}

/** Whether a failure ends a claim for good, so that it need not be tried again. */
export function isFinal(error) {
  const final = ["refused", "deferred_expired", "voided", "superseded", "unit_mismatch", "office_revoked", "gone"];
  return [...final, "signature_wrong", "certificate_foreign"].includes(error.code);
}
