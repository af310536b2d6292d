// Showing (亮证): the person chooses fields, the phone shows a code that is renewed while it is on screen.

import { isDelegation } from "./certificate.js";
import { HolderError } from "./errors.js";
import { GRANTED, LABELS, chineseDate, mattersText } from "./face.js";
import { disclosuresOf, showDirect, showOnline } from "./present.js";
import { picture } from "./qr.js";
import { announce, button, h, problemBox } from "./views.js";

const RENEW = 60;
const CHOSEN = ["unit.uscc", "unit.name", "unit.valid_from", "unit.valid_to", "person.name", "role", "matters", "valid_from", "valid_to"];
const MANAGED = { representative: "法定代表人本人", appointed: "由法定代表人授权" };

function shownValue({ path, value }) {
  if (path === "matters") return mattersText(value);
  if (path === "role") return GRANTED[value] || value;
  if (path === "manager.role") return MANAGED[value] || value;
  if (path.endsWith("id_digest")) return "对方可据此核对身份证是否本人";
  return chineseDate(String(value));
}

function choice(field) {
  const box = h("input", { type: "checkbox", value: field.path, checked: CHOSEN.includes(field.path) });
  const text = h("span", {}, h("strong", {}, LABELS[field.path] || field.path), h("span", { class: "quiet" }, shownValue(field)));
  return { box, field, line: h("label", { class: "choice" }, box, text) };
}

/** Choose the fields. `go(disclosures)` starts showing. */
export async function chooseView(certificate, go, back) {
  const choices = (await disclosuresOf(certificate.sdJwt)).map(choice);
  const chosen = () => choices.filter(({ box }) => box.checked).map(({ field }) => field.text);
  return h(
    "section",
    { class: "panel", "data-view": "choose" },
    h("p", { class: "eyebrow" }, certificate.claims.unit.name),
    h("h1", {}, "亮证"),
    h("p", { class: "quiet" }, "勾选要出示的内容。没有勾选的，对方看不到。"),
    h("fieldset", { class: "choices" }, h("legend", { class: "sr" }, "出示的内容"), ...choices.map(({ line }) => line)),
    h("div", { class: "actions" }, button("出示二维码", "primary", () => go(chosen())), button("返回", "plain", back)),
  );
}

/** The code itself: {view, stop}. Made anew every minute until `stop`; a closed phone makes none. */
export function codeView(certificate, chosen, { again, back }) {
  const place = h("div", { class: "code-place" }, h("div", { class: "spinner", "aria-hidden": "true" }));
  const left = h("p", { class: "left", role: "timer" });
  const note = h("p", { class: "quiet" });
  const problem = problemBox();
  let ends = 0;
  let busy = false;
  let stopped = false;

  async function make() {
    try {
      const { link, expires_in: seconds } = await showOnline(certificate, chosen);
      return { text: link, seconds: Math.min(RENEW, seconds), level: "M", words: "请对方用手机相机或扫码枪扫描。二维码里没有个人信息。" };
    } catch (error) {
      if (!(error instanceof HolderError) || !["network_gone", "server_gone"].includes(error.code)) throw error;
      const text = await showDirect(certificate, chosen);
      return { text, seconds: RENEW, level: "L", words: "手机没有网络，这是离线码：内容就在码里，请对方用登记机关的查验程序扫描。" };
    }
  }

  async function renew() {
    if (busy || stopped) return;
    busy = true;
    try {
      const made = await make();
      if (stopped) return;
      const drawn = picture(made.text, "出示的二维码", made.level);
      if (!drawn) throw new HolderError("direct_too_large");
      problem.clear();
      place.replaceChildren(drawn);
      place.dataset.text = made.text;
      note.textContent = made.words;
      ends = Date.now() + made.seconds * 1000;
    } catch (error) {
      place.replaceChildren();
      left.textContent = "";
      problem.say(error);
      ends = Infinity;
    } finally {
      busy = false;
      tick();
    }
  }

  function tick() {
    if (stopped || ends === Infinity || !ends) return;
    const seconds = Math.ceil((ends - Date.now()) / 1000);
    left.textContent = seconds > 0 ? `${seconds} 秒后自动换新` : "正在换新……";
    if (seconds <= 0 && document.visibilityState === "visible") renew();
  }

  const clock = setInterval(tick, 1000);
  const seen = () => document.visibilityState === "visible" && tick();
  document.addEventListener("visibilitychange", seen);
  const stop = () => {
    stopped = true;
    clearInterval(clock);
    document.removeEventListener("visibilitychange", seen);
  };
  renew();
  announce("正在生成二维码。");
  const view = h(
    "section",
    { class: "panel show", "data-view": "code" },
    h("p", { class: "eyebrow" }, certificate.claims.unit.name),
    h("h1", {}, isDelegation(certificate.claims) ? "出示授权" : "出示证书"),
    place,
    left,
    note,
    problem.box,
    h("div", { class: "actions" }, button("结束出示", "primary", back), button("更改内容", "plain", again), button("立即换新", "plain", () => { ends = Infinity; renew(); })),
  );
  return { view, stop };
}
