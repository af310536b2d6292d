// Builds what is shown. Data only ever enters as text (textContent), never as markup.

import { HolderError, wording } from "./errors.js";

// Outlines from Tabler icons (MIT).
const OUTLINES = {
  check: "M5 12l5 5l10 -10",
  x: "M18 6l-12 12M6 6l12 12",
  pause: "M8 5v14M16 5v14",
  unknown: "M8 8a3.500 3 0 0 1 3.500 -3h1a3.500 3 0 0 1 3.500 3a3 3 0 0 1 -2 3a3 4 0 0 0 -2 4M12 19v.010",
  alert: "M12 8v5M12 17v.010",
};

/** A small decorative drawing. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", OUTLINES[name]);
  svg.append(path);
  return svg;
}

/** An element; `on…` attributes are listeners, children are nodes or texts. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Replace the page's content and put the focus where the person goes on. */
export function show(view, focus) {
  const place = document.getElementById("view");
  place.replaceChildren(view);
  const target = focus || view.querySelector("h1");
  if (target && target.tagName === "H1") target.tabIndex = -1;
  if (target) target.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** Say something to screen readers without moving the focus. */
export function announce(text) {
  document.getElementById("announce").textContent = text;
}

/** The rehearsal band above everything. */
export function showBand(rehearsal) {
  const band = document.getElementById("band");
  band.textContent = rehearsal ? "演练 · 数据均为虚构，没有法律效力" : "";
  band.hidden = !rehearsal;
  document.documentElement.classList.toggle("rehearsal", rehearsal);
}

/** A box that says what went wrong and what to do; a live region. */
export function problemBox() {
  const box = h("div", { class: "problem", role: "alert", hidden: true });
  return {
    box,
    clear() {
      box.hidden = true;
      box.replaceChildren();
    },
    say(error) {
      const { title, text } = wording(error);
      box.dataset.code = error instanceof HolderError ? error.code : "unexpected";
      box.hidden = false;
      box.replaceChildren(icon("alert"), h("p", {}, h("strong", {}, title), h("span", {}, text)));
    },
  };
}

/** A whole page for a failure that leaves nothing to type. `actions` are buttons. */
export function failureView(error, actions = []) {
  const { title, text } = wording(error);
  const code = error instanceof HolderError ? error.code : "unexpected";
  return h(
    "section",
    { class: "panel failure", "data-code": code },
    h("div", { class: "mark" }, icon("alert")),
    h("h1", {}, title),
    h("p", { role: "alert" }, text),
    h("div", { class: "actions" }, ...actions),
  );
}

/** A button; `kind` is "primary", "plain" or "danger". */
export function button(text, kind, pressed) {
  return h("button", { type: "button", class: kind, onclick: pressed }, text);
}

/** Ask before something that hurts; resolves to true only on the person's yes. */
export function askFirst({ title, text, yes, no }) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "panel", "aria-labelledby": "ask" });
    const answer = (agreed) => {
      dialog.close();
      dialog.remove();
      resolve(agreed);
    };
    dialog.append(
      h("h2", { id: "ask" }, title),
      h("p", {}, text),
      h("div", { class: "actions" }, button(no, "primary", () => answer(false)), button(yes, "danger", () => answer(true))),
    );
    dialog.addEventListener("cancel", () => answer(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Only the digits a person meant: full-width, spaced or pasted with words around. */
export function digitsIn(text) {
  return text.normalize("NFKC").replace(/\D/g, "").slice(0, 6);
}

/** The six digits. `submitted(digits)` may reject; its error is shown here. */
export function pinView(submitted, delegated = false) {
  const problem = problemBox();
  const input = h("input", {
    id: "pin",
    class: "pin",
    type: "text",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    enterkeyhint: "go",
    placeholder: "••••••",
    "aria-describedby": "pin-hint",
    required: true,
  });
  const send = h("button", { type: "submit", class: "primary" }, delegated ? "领取授权" : "领取证书");
  input.addEventListener("input", () => {
    const digits = digitsIn(input.value);
    if (digits !== input.value) input.value = digits;
    input.removeAttribute("aria-invalid");
  });
  const submit = async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    problem.clear();
    if (input.value.length !== 6) return refuse(new HolderError("pin_short"));
    busy(true);
    try {
      await submitted(input.value);
    } catch (error) {
      busy(false);
      refuse(error);
    }
  };
  const busy = (on) => {
    send.disabled = on;
    input.readOnly = on;
    send.textContent = on ? "正在领取…" : delegated ? "领取授权" : "领取证书";
    if (on) announce("正在领取，请稍候。");
  };
  const refuse = (error) => {
    problem.say(error);
    input.setAttribute("aria-invalid", "true");
    input.focus();
    input.select();
  };
  const form = h(
    "form",
    { novalidate: true, onsubmit: submit },
    h("label", { for: "pin" }, "六位验证码"),
    input,
    h("p", { id: "pin-hint", class: "quiet" }, delegated ? "由给您授权的人告知。不要转告别人。" : "由窗口工作人员当面告知，不会通过短信或电话索取。"),
    problem.box,
    send,
  );
  const view = h(
    "section",
    { class: "panel" },
    h("p", { class: "eyebrow" }, "事业单位法人证书（电子）"),
    h("h1", {}, delegated ? "领取用证授权" : "领取电子证书"),
    form,
    h("p", { class: "quiet small" }, "证书和密钥只保存在这部手机的浏览器里。请用您常用的浏览器领取，不要用无痕模式。"),
  );
  return { view, input };
}

/** The typed code, for a phone that cannot read the QR; `reverse()` shows a code of the phone's own instead. */
export function shortCodeView(submitted, reverse, back) {
  const problem = problemBox();
  const input = h("input", {
    id: "short",
    class: "short",
    type: "text",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    enterkeyhint: "next",
    maxlength: "20",
    placeholder: "XXXX-XXXX",
    "aria-describedby": "short-hint",
  });
  const send = h("button", { type: "submit", class: "primary" }, "下一步");
  const submit = async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    problem.clear();
    send.disabled = true;
    try {
      await submitted(input.value);
    } catch (error) {
      problem.say(error);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    } finally {
      send.disabled = false;
    }
  };
  const other = button("无法扫码？显示短码", "link", async () => {
    problem.clear();
    other.disabled = true;
    await reverse().catch((error) => problem.say(error));
    other.disabled = false;
  });
  const form = h(
    "form",
    { novalidate: true, onsubmit: submit },
    h("label", { for: "short" }, "八位短码"),
    input,
    h("p", { id: "short-hint", class: "quiet" }, "窗口屏幕上二维码旁边的八位字母和数字，大小写不限。"),
    problem.box,
    send,
    back || "",
  );
  return h(
    "section",
    { class: "panel" },
    h("p", { class: "eyebrow" }, "事业单位法人证书（电子）"),
    h("h1", {}, "领取电子证书"),
    h("p", {}, "请用手机相机或浏览器扫描登记窗口屏幕上的二维码。扫不了时，可以输入短码："),
    form,
    other,
  );
}

const RUNGS = ["登记机关已核准", "省级平台已收到", "手机已领取", "证书有效"];

/** How far the certificate has come before the law; `reached` steps are done, `last` replaces the last one's words. */
export function ladder(reached, last = "") {
  const steps = RUNGS.map((words, index) => {
    const done = index < reached;
    const text = index === RUNGS.length - 1 && last ? last : words;
    const mark = h("span", { class: "mark", "aria-hidden": "true" }, done ? "✓" : "");
    return h("li", { class: done ? "done" : "ahead" }, mark, text, h("span", { class: "sr" }, done ? "：已完成" : "：尚未"));
  });
  return h("ol", { class: "ladder", "aria-label": "办理到哪一步" }, ...steps);
}

const ABSENT = "登记机关的核准信息还没有到达省级平台。到达后证书会自动出现在这里。";
const ARRIVED = "省级平台已收到核准信息，还在等待盖章申请表的扫描件或本单位的一项变更。办妥后证书会自动出现在这里。";

/** Waiting at the hub; `tell(received)` says for what: the approval itself, or what belongs to it. */
export function waitView(startedAt) {
  const since = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short" });
  const note = h("p", { class: "quiet", role: "status" });
  const why = h("p", {}, ABSENT);
  const steps = h("div", {}, ladder(1));
  const tell = (received) => {
    why.textContent = received ? ARRIVED : ABSENT;
    steps.replaceChildren(ladder(received ? 2 : 1));
  };
  const view = h(
    "section",
    { class: "panel waiting", "data-state": "waiting" },
    h("div", { class: "spinner", "aria-hidden": "true" }),
    h("h1", {}, "验证通过，正在等待"),
    why,
    steps,
    h("p", {}, "您可以先离开窗口：关闭页面后再打开同一网址，会接着等待，不用重新扫码。"),
    h("p", { class: "quiet" }, `开始等待：${since.format(new Date(startedAt * 1000))}，72 小时内有效。`),
    note,
  );
  return { view, note, tell };
}
