// The page's way from an address to a view. The only module that knows all others.

import { sha256 } from "./bytes.js";
import { isDelegation, judge, readCertificate } from "./certificate.js";
import { advance, isFinal, redeem } from "./claim.js";
import { HolderError, wording } from "./errors.js";
import { certificateView, confirmRemoval, stateStrip } from "./face.js";
import { showRare } from "./glyphs.js";
import { grantForm, grantsView, offerView } from "./grants.js";
import { ISSUER, metadata, minutesOff, now } from "./hub.js";
import { checkBrowser, newKey } from "./keys.js";
import { codeOf, offerIn, offerOfShortCode, resolveOffer, shortCode } from "./offer.js";
import { askAs } from "./present.js";
import { receiptsView } from "./receipts.js";
import { awaitCode, openTicket } from "./reverse.js";
import { chooseView, codeView } from "./showing.js";
import { freshStatus } from "./status.js";
import { Vault, isLasting } from "./vault.js";
import { announce, askFirst, button, failureView, pinView, problemBox, show, shortCodeView, showBand, waitView } from "./views.js";

const DELEGATION = "public-institution-delegation";
const STATUS_INTERVAL = 60000;
let vault = null;
let shown = null; // the certificate on screen
let leaving = null; // stops what the view on screen keeps running
let turn = 0; // counts views: work begun for an earlier one must not draw over a later one

/** A new view takes over: what the former one kept running stops. Returns its turn. */
function take() {
  turn += 1;
  shown = null;
  if (leaving) leaving();
  leaving = null;
  return turn;
}

function fail(error, actions) {
  take();
  show(failureView(error, actions || [button("重试", "primary", () => location.reload())]));
}

/** Take the code out of the address bar once it is of no more use. */
function cleanAddress() {
  history.replaceState(null, "", `${ISSUER}/`);
}

// --- certificates on this phone ---------------------------------------------------------------

async function keptCertificates() {
  const found = [];
  for (const kept of await vault.certificates()) {
    try {
      found.push({ ...kept, claims: await readCertificate(kept.sdJwt, { issuer: ISSUER, jwk: kept.jwk }) });
    } catch {
      found.push({ ...kept, claims: null });
    }
  }
  return found;
}

function named(claims) {
  return isDelegation(claims) ? `${claims.unit.name}（授权）` : claims.unit.name;
}

function clockWarning() {
  if (!minutesOff()) return null;
  const problem = problemBox();
  problem.say(new HolderError("clock_wrong", { minutes: minutesOff() }));
  return problem.box;
}

async function draw(certificate) {
  const all = await keptCertificates();
  const others = all
    .filter((other) => other.id !== certificate.id && other.claims)
    .map((other) => ({ name: named(other.claims), pick: () => openCertificate(other) }));
  const verdict = judge(certificate.claims, certificate.status, now());
  const mayManage = !isDelegation(certificate.claims) || certificate.claims.role === "manager";
  return certificateView(certificate, verdict, {
    others,
    lasting: await isLasting(),
    warning: clockWarning(),
    refresh: () => refresh(certificate, true),
    show: () => chooseFields(certificate),
    grants: mayManage ? () => manageGrants(certificate) : null,
    receipts: mayManage ? () => showReceipts(certificate) : null,
    another: () => enterShortCode(certificate),
    remove: () => removeCertificate(certificate),
  });
}

async function openCertificate(certificate) {
  if (!certificate.claims) return fail(new HolderError("certificate_damaged"), [button("输入短码领取", "primary", () => enterShortCode())]);
  take();
  shown = certificate;
  showBand(certificate.claims.rehearsal === true);
  await showRare(vault, certificate);
  const view = await draw(certificate);
  if (shown !== certificate) return;
  show(view);
  await refresh(certificate, false);
}

/** Ask for the state again; `asked` when a person did. Only the state's strip is redrawn. */
async function refresh(certificate, asked) {
  const status = await freshStatus(certificate);
  if (shown !== certificate) return;
  if (status) {
    certificate.status = status;
    const { claims: _, ...stored } = certificate;
    await vault.update(stored).catch(() => null);
  }
  const verdict = judge(certificate.claims, certificate.status, now());
  document.querySelector(".state").replaceWith(stateStrip(verdict));
  document.querySelector(".sheet > .note").textContent =
    asked && !status ? "没有取得新的状态，请检查网络后再刷新。" : "";
  if (!asked) return;
  window.scrollTo({ top: 0, behavior: "smooth" });
  announce(status ? "状态已更新。" : "没有取得新的状态，请检查网络。");
}

async function removeCertificate(certificate) {
  if (!(await confirmRemoval(certificate.claims.unit.name, isDelegation(certificate.claims)))) return;
  await vault.remove(certificate.id);
  await home();
}

async function home() {
  const [first] = await keptCertificates();
  return first ? openCertificate(first) : enterShortCode();
}

// --- showing and authorising ------------------------------------------------------------------

async function chooseFields(certificate) {
  const mine = take();
  const view = await chooseView(certificate, (chosen) => showCode(certificate, chosen), () => openCertificate(certificate));
  if (mine === turn) show(view);
}

function showCode(certificate, chosen) {
  take();
  const again = () => chooseFields(certificate);
  const { view, stop } = codeView(certificate, chosen, { again, back: () => openCertificate(certificate) });
  leaving = stop;
  show(view);
}

/** Run a step that asks the hub; a failure offers the way back. */
async function attempt(certificate, step, again) {
  const mine = turn;
  try {
    return await step();
  } catch (error) {
    if (mine !== turn) return null;
    fail(error, [button("重试", "primary", again), button("返回", "plain", () => openCertificate(certificate))]);
    return null;
  }
}

async function manageGrants(certificate) {
  const mine = take();
  const again = () => manageGrants(certificate);
  const state = await attempt(certificate, () => askAs(certificate, "delegations"), again);
  if (!state || mine !== turn) return;
  const offer = (each) => offerAgain(certificate, each);
  const view = grantsView(state, {
    add: () => addGrant(certificate, state),
    offer,
    revoke: (each) => revokeGrant(certificate, each),
    back: () => openCertificate(certificate),
  });
  show(view);
}

/** Who verified the unit (谁查验过). */
function showReceipts(certificate) {
  take();
  const load = (after) => askAs(certificate, "receipts", { after });
  show(receiptsView(certificate.claims.unit.name, load, () => openCertificate(certificate)));
}

function addGrant(certificate, state) {
  take();
  const submitted = async (wanted) => showOffer(certificate, await askAs(certificate, "grant", wanted), wanted.name);
  show(grantForm(state, submitted, () => manageGrants(certificate)));
}

async function offerAgain(certificate, each) {
  const again = () => offerAgain(certificate, each);
  const offer = await attempt(certificate, () => askAs(certificate, "offer", { delegation: each.id }), again);
  if (offer) showOffer(certificate, offer, each.name);
}

function showOffer(certificate, offer, name) {
  take();
  const { view, stop } = offerView(offer, name, now, () => manageGrants(certificate));
  leaving = stop;
  show(view);
}

async function revokeGrant(certificate, each) {
  const below = each.role === "manager" ? "其授权的使用人也一并失效。" : "";
  const text = `“${each.name}”的授权立即失效，不能恢复。${below}以后要用，需重新授权。`;
  if (!(await askFirst({ title: "撤销这项授权？", text, yes: "撤销", no: "保留" }))) return;
  const again = () => manageGrants(certificate);
  const done = await attempt(certificate, () => askAs(certificate, "revoke", { delegation: each.id }), again);
  if (!done) return;
  await manageGrants(certificate);
  announce("授权已撤销。");
}

// --- claiming ---------------------------------------------------------------------------------

function enterShortCode(backTo) {
  take();
  const back = backTo ? button("返回证书", "plain", () => openCertificate(backTo)) : null;
  show(
    shortCodeView(async (text) => startClaim(await offerOfShortCode(shortCode(text))), () => showReverse(backTo), back),
  );
}

/** Show this phone's own short code until the desk has sent a claim code to it, or its time is over. */
async function showReverse(backTo) {
  const ticket = await openTicket();
  const mine = take();
  const back = () => enterShortCode(backTo);
  try {
    const found = await awaitCode(ticket, () => mine === turn, pause, back);
    if (found) await startClaim(found);
  } catch (error) {
    const again = button("重新显示短码", "primary", () => showReverse(backTo).catch((problem) => fail(problem)));
    fail(error, [again, button("返回", "plain", back)]);
  }
}

/** Ask the six digits for an offer, after everything that could fail without burning a try. */
async function startClaim(reference) {
  const code = codeOf(reference);
  const hash = await sha256(code);
  const kept = (await keptCertificates()).find((one) => one.codeHash === hash);
  if (kept) {
    cleanAddress();
    return openCertificate(kept);
  }
  const open = await vault.claim();
  if (open && open.codeHash === hash) return proceed(open);
  const places = await metadata();
  showBand(places.rehearsal);
  const grant = await resolveOffer(reference);
  await vault.probe(await newKey());
  take();
  const delegated = grant.configuration === DELEGATION;
  const { view, input } = pinView(async (digits) => proceed(await redeem(vault, places, grant, digits)), delegated);
  const warning = clockWarning();
  if (warning) view.prepend(warning);
  show(view, input);
}

/** Go on with a claim whose digits were right, until its certificate is here. */
async function proceed(claim) {
  const mine = take();
  cleanAddress();
  if (claim.places.rehearsal) showBand(true);
  let waiting = null;
  while (mine === turn) {
    let step;
    try {
      step = await advance(vault, claim);
    } catch (error) {
      if (isFinal(error)) await vault.dropClaim();
      if (!waiting || isFinal(error)) return fail(error);
      waiting.note.textContent = `${wording(error).title}，正在重试……`;
      step = { wait: 5 };
    }
    if (mine !== turn) return;
    if (step.certificate) return celebrate(step.certificate);
    if (!waiting) {
      waiting = waitView(claim.startedAt);
      show(waiting.view);
    }
    if (step.received !== undefined) waiting.tell(step.received);
    await pause(step.wait);
  }
}

/** Wait, or less: coming back to the page or to the network goes on at once. */
function pause(seconds) {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      document.removeEventListener("visibilitychange", seen);
      resolve();
    };
    const seen = () => document.visibilityState === "visible" && go();
    const timer = setTimeout(go, seconds * 1000);
    window.addEventListener("online", go);
    document.addEventListener("visibilitychange", seen);
  });
}

async function celebrate(certificate) {
  if (navigator.storage && navigator.storage.persist) await navigator.storage.persist().catch(() => null);
  await openCertificate(certificate);
  announce(`领取成功，${isDelegation(certificate.claims) ? "授权" : "证书"}已保存在这部手机。`);
}

// --- opening ----------------------------------------------------------------------------------

function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(`${ISSUER}/sw.js`, { scope: `${ISSUER}/` }).catch(() => null);
}

function keepFresh() {
  const again = () => {
    if (shown && document.visibilityState === "visible") refresh(shown, false);
  };
  setInterval(again, STATUS_INTERVAL);
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", again);
}

async function start() {
  try {
    checkBrowser();
    vault = await Vault.open();
    registerWorker();
    keepFresh();
    const reference = offerIn(location.search);
    if (reference) return await startClaim(reference);
    const open = await vault.claim();
    if (open) return await proceed(open);
    await home();
    if (!shown) metadata().then((places) => !shown && showBand(places.rehearsal), () => null);
  } catch (error) {
    fail(error, await waysOn());
  }
}

/** What a person can still do after a failed opening. */
async function waysOn() {
  const again = button("重试", "primary", () => location.reload());
  const kept = vault ? await keptCertificates().catch(() => []) : [];
  if (!kept.length) return [again];
  return [again, button("查看已有证书", "plain", () => { cleanAddress(); home(); })];
}

start();
