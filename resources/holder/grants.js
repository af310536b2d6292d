// Authorisations (授权管理): who may use the certificate, for what, until when; adding, offering, taking back.

import { GRANTED, chineseDate, mattersText } from "./face.js";
import { picture } from "./qr.js";
import { announce, button, h, problemBox } from "./views.js";

const STAGES = {
  offered: ["待领取", "hold"],
  early: ["尚未生效", "hold"],
  standing: ["有效", "valid"],
  suspended: ["已暂停", "hold"],
  expired: ["已到期", "unknown"],
  ended: ["已终止", "invalid"],
};
const OVER = ["expired", "ended"];

function person(each, actions) {
  const [word, tone] = STAGES[each.stage] || ["", "unknown"];
  const facts = `${chineseDate(each.valid_from)} 至 ${chineseDate(each.valid_to)}`;
  const buttons = [];
  if (each.stage === "offered" && each.own) buttons.push(button("出示领取码", "plain", () => actions.offer(each)));
  if (!OVER.includes(each.stage)) buttons.push(button("撤销", "danger", () => actions.revoke(each)));
  return h(
    "li",
    { class: each.depth ? "person below" : "person", "data-stage": each.stage },
    h("p", { class: "who" }, h("strong", {}, each.name || "（信息已销毁）"), h("span", { class: `chip ${tone}` }, word)),
    h("p", { class: "quiet" }, `${GRANTED[each.role] || ""}　${each.id_number}`),
    h("p", {}, mattersText(each.matters)),
    h("p", { class: "quiet" }, facts),
    buttons.length ? h("div", { class: "actions" }, ...buttons) : null,
  );
}

/** Put everybody under who authorised them. */
function inOrder(people) {
  const under = (parent) => people.filter((each) => each.parent === parent).reduce((all, each) => [...all, each, ...under(each.id)], []);
  const known = new Set(people.map((each) => each.id));
  const roots = [...new Set(people.map((each) => each.parent))].filter((parent) => !known.has(parent));
  return roots.reduce((all, parent) => [...all, ...under(parent)], []);
}

/** The tree below a credential. `actions`: add, offer(person), revoke(person), back. */
export function grantsView(state, actions) {
  const all = inOrder(state.people);
  const current = all.filter((each) => !OVER.includes(each.stage));
  const over = all.filter((each) => OVER.includes(each.stage));
  const list = (people) => h("ul", { class: "people" }, ...people.map((each) => person(each, actions)));
  return h(
    "section",
    { class: "panel", "data-view": "grants" },
    h("p", { class: "eyebrow" }, state.unit),
    h("h1", {}, "授权管理"),
    current.length
      ? list(current)
      : h("p", { class: "empty" }, state.roles.length ? "还没有授权给任何人。被授权人用自己的手机领取后，可以凭授权为单位办事。" : "使用人不能再授权他人。"),
    h("div", { class: "actions" }, state.roles.length ? button("新增授权", "primary", actions.add) : "", button("返回", "plain", actions.back)),
    over.length ? h("details", { class: "more" }, h("summary", {}, `已终止的授权（${over.length}）`), list(over)) : null,
  );
}

function days(from, count) {
  return new Date(Date.parse(`${from}T00:00:00Z`) + count * 86400000).toISOString().slice(0, 10);
}

function least(...texts) {
  return texts.reduce((a, b) => (a < b ? a : b));
}

function line(name, text, input, hint) {
  input.id = `grant-${name}`;
  return h("div", { class: "line" }, h("label", { for: input.id }, text), input, hint ? h("p", { class: "quiet small" }, hint) : "");
}

function rolePicker(roles) {
  const boxes = roles.map((role, place) => h("input", { type: "radio", name: "role", value: role, checked: place === roles.length - 1 }));
  const words = { manager: "可以再授权使用人", user: "只能凭授权办事" };
  const lines = boxes.map((box) => h("label", { class: "choice" }, box, h("span", {}, h("strong", {}, GRANTED[box.value]), h("span", { class: "quiet" }, words[box.value]))));
  return { view: h("fieldset", { class: "choices" }, h("legend", {}, "类别"), ...lines), value: () => boxes.find((box) => box.checked).value };
}

function matterPicker(state) {
  const whole = state.bounds.includes("*");
  const offered = state.matters.filter(({ code }) => whole || state.bounds.includes(code));
  const all = h("input", { type: "checkbox", checked: whole, hidden: !whole });
  const boxes = offered.map(({ code }) => h("input", { type: "checkbox", value: code }));
  const lines = boxes.map((box, place) => h("label", { class: "choice" }, box, h("span", {}, offered[place].name)));
  const some = h("div", { hidden: whole }, ...lines);
  all.addEventListener("change", () => { some.hidden = all.checked; });
  const view = h(
    "fieldset",
    { class: "choices" },
    h("legend", {}, "授权事项"),
    whole ? h("label", { class: "choice" }, all, h("span", {}, h("strong", {}, "全部事项"))) : null,
    some,
  );
  return { view, value: () => (whole && all.checked ? ["*"] : boxes.filter((box) => box.checked).map((box) => box.value)) };
}

/** Who, what for, until when. `submitted(grant)` may reject; its error is shown here. */
export function grantForm(state, submitted, back) {
  const problem = problemBox();
  const role = rolePicker(state.roles);
  const name = h("input", { type: "text", autocomplete: "off", maxlength: "50", required: true });
  const number = h("input", { type: "text", autocomplete: "off", maxlength: "30", autocapitalize: "characters", spellcheck: "false", required: true });
  const matters = matterPicker(state);
  const first = state.first > state.today ? state.first : state.today;
  const bounds = { type: "date", min: first, max: state.last, required: true };
  const from = h("input", { ...bounds, value: first });
  const to = h("input", { ...bounds, value: least(days(first, Math.min(state.days, 365) - 1), state.last) });
  const send = h("button", { type: "submit", class: "primary" }, "授权并生成领取码");
  const submit = async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    problem.clear();
    send.disabled = true;
    try {
      await submitted({ role: role.value(), name: name.value, id_number: number.value, matters: matters.value(), valid_from: from.value, valid_to: to.value });
    } catch (error) {
      problem.say(error);
      problem.box.scrollIntoView({ block: "center" });
    } finally {
      send.disabled = false;
    }
  };
  return h(
    "section",
    { class: "panel", "data-view": "grant" },
    h("p", { class: "eyebrow" }, state.unit),
    h("h1", {}, "新增授权"),
    h(
      "form",
      { novalidate: true, onsubmit: submit },
      role.view,
      line("name", "姓名", name),
      line("number", "身份证号码", number, "请对照身份证填写。授权后不能更改，填错只能撤销重来。"),
      matters.view,
      line("from", "从哪天起", from),
      line("to", "到哪天止（含）", to, `最长 ${state.days} 天，不晚于 ${chineseDate(state.last)}。`),
      problem.box,
      send,
      button("返回", "plain", back),
    ),
  );
}

/** The code for the other phone, then the digits: never both at once. {view, stop} */
export function offerView(offer, name, nowSeconds, done) {
  const left = h("p", { class: "left", role: "timer" });
  const place = h("div", { class: "code-place", "data-text": offer.link }, picture(offer.link, "授权领取码"));
  const words = h("p", {}, `请${name || "被授权人"}用自己的手机扫描，再输入六位验证码。`);
  const digits = button("对方已扫描，显示验证码", "primary", () => {
    place.replaceChildren(h("p", { class: "digits", "aria-label": [...offer.digits].join(" ") }, offer.digits));
    words.textContent = "请当面或打电话告诉对方，不要截图发送。";
    digits.remove();
    announce(`验证码 ${[...offer.digits].join(" ")}`);
  });
  const tick = () => {
    const seconds = offer.expires_at - nowSeconds();
    left.textContent = seconds > 0 ? `${Math.ceil(seconds / 60)} 分钟内有效，只能领取一次` : "领取码已过期，请返回后重新出示";
  };
  tick();
  const clock = setInterval(tick, 5000);
  const view = h(
    "section",
    { class: "panel show", "data-view": "offer" },
    h("p", { class: "eyebrow" }, name),
    h("h1", {}, "出示领取码"),
    place,
    left,
    words,
    h("div", { class: "actions" }, digits, button("完成", "plain", done)),
  );
  return { view, stop: () => clearInterval(clock) };
}
