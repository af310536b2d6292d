// Who verified the unit (谁查验过): department, when, for what and why, newest first, in pages.

import { moment } from "./face.js";
import { announce, button, h, problemBox } from "./views.js";

const FUNCTIONS = {
  authenticity: "真伪核验",
  basic: "基础信息查询",
  compare: "持证人信息比对",
  matter: "办理事项授权核验",
};
const ANSWERS = {
  valid: ["有效", "valid"],
  "not valid": ["无效", "invalid"],
  unknown: ["无法确认", "unknown"],
  refused: ["未予受理", "unknown"],
};

function receipt(each) {
  const [word, tone] = ANSWERS[each.answer] || ["", "unknown"];
  return h(
    "li",
    { class: "person" },
    h("p", { class: "who" }, h("strong", {}, each.party_name || "（部门已不在册）"), h("span", { class: `chip ${tone}` }, word)),
    h("p", { class: "quiet" }, moment(Date.parse(each.at) / 1000)),
    h("p", {}, [each.purpose, FUNCTIONS[each.function] || ""].filter(Boolean).join(" · ")),
    each.reason ? h("p", { class: "quiet" }, `事由：${each.reason}`) : null,
  );
}

/** The view; it asks for its pages by itself. `load(after)` answers {receipts, after}. */
export function receiptsView(unit, load, back) {
  const list = h("ul", { class: "people" });
  const empty = h("p", { class: "empty" }, "还没有部门查验过。有部门依职责查验本单位证书，这里会记下是谁、什么时候、为什么。");
  const waiting = h("p", { class: "empty", role: "status" }, "正在查询……");
  const problem = problemBox();
  const again = button("重试", "primary", () => more());
  const older = button("更早的记录", "plain", () => more());
  let after = "";

  function only(...shown) {
    for (const part of [empty, waiting, again, older]) part.hidden = !shown.includes(part);
  }

  async function more() {
    const held = document.activeElement === again || document.activeElement === older;
    problem.clear();
    only(waiting);
    try {
      const page = await load(after);
      const items = page.receipts.map(receipt);
      list.append(...items);
      after = page.after;
      only(list.children.length ? null : empty, after ? older : null);
      // The button that was pressed may be gone: the keyboard goes on at the first new line.
      if (held && items.length) {
        items[0].tabIndex = -1;
        items[0].focus();
      }
      announce(items.length ? `共 ${list.children.length} 条查验记录${after ? "，还有更早的" : ""}。` : "还没有部门查验过。");
    } catch (error) {
      only(again);
      problem.say(error);
      if (held) again.focus();
    }
  }

  more();
  return h(
    "section",
    { class: "panel", "data-view": "receipts" },
    h("p", { class: "eyebrow" }, unit),
    h("h1", {}, "谁查验过"),
    list,
    empty,
    waiting,
    problem.box,
    h("div", { class: "actions" }, again, older, button("返回", "plain", back)),
    h("p", { class: "quiet small" }, "平台不留证书内容，只留这些记录。对查验有疑问的，请向该部门或登记窗口询问。"),
  );
}
