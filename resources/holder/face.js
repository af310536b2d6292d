// The certificate's face: everything on it is text from the signed certificate.

import { isDelegation } from "./certificate.js";
import { MATTERS } from "./matters.js";
import { askFirst, button, h, icon, ladder } from "./views.js";

const FIELDS = [
  ["unit.second_name", "第二名称"],
  ["unit.third_name", "第三名称"],
  ["unit.other_names", "其他名称"],
  ["unit.purpose", "宗旨和业务范围"],
  ["unit.address", "住所"],
  ["representative.name", "法定代表人"],
  ["unit.funding_source", "经费来源"],
  ["unit.starting_capital", "开办资金"],
  ["unit.sponsor", "举办单位"],
  ["unit.office_name", "登记管理机关"],
];
/** What a person calls each field that can be shown. */
export const LABELS = {
  "unit.uscc": "统一社会信用代码",
  "unit.name": "单位名称",
  ...Object.fromEntries(FIELDS),
  "unit.valid_from": "有效期起",
  "unit.valid_to": "有效期止",
  "representative.no": "法定代表人任次",
  "manager.name": "第一管理责任人",
  "manager.role": "第一管理责任人身份",
  "manager.id_digest": "身份证核对码（不含号码）",
  "person.name": "被授权人",
  "person.id_digest": "身份证核对码（不含号码）",
  role: "授权类别",
  matters: "授权事项",
  valid_from: "授权期限起",
  valid_to: "授权期限止",
};
export const GRANTED = { manager: "其他管理人", user: "使用人" };
const ROLES = { representative: "法定代表人本人", appointed: "由法定代表人授权" };
const STATES = {
  valid: ["有效", "check"],
  invalid: ["已失效", "x"],
  suspended: ["已暂停", "pause"],
  early: ["尚未生效", "pause"],
  unknown: ["无法确认", "unknown"],
};
const REASONS = {
  voided: "登记管理机关已将此证书作废。",
  ended: "证书有效期已届满，请到登记窗口换领。",
  suspended: "登记信息正在变更，核实之前暂停使用。",
  early: "授权期限还没有开始。",
  never: "还没有取得过状态，请联网后刷新。",
  old: "上次取得的状态已过时，请联网后刷新。",
  clock: "手机时间早于证书记录的时间，请校准手机时间后刷新。",
  value: "平台给出的状态看不懂，请稍后刷新。",
};

const LASTING = "浏览器已同意长期保存。清除浏览器数据或卸载浏览器会删除证书。";
// Some browsers drop what a page keeps after a week or more without a visit, and never ask.
const FLEETING = "这个浏览器可能清理久未打开的页面：请每周至少打开一次。清除浏览器数据也会删除证书；万一丢失，可到登记窗口补发。";

function at(claims, path) {
  const value = path.split(".").reduce((inner, name) => (inner ? inner[name] : undefined), claims);
  if (Array.isArray(value)) return value.join("；");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** 2026-11-23 as 2026年11月23日; other texts (长期) as they are. */
export function chineseDate(text) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text || "");
  return parts ? `${Number(parts[1])}年${Number(parts[2])}月${Number(parts[3])}日` : text || "";
}

/** A moment in seconds, in China's time. */
export function moment(seconds) {
  const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
  const format = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", ...parts });
  const found = Object.fromEntries(format.formatToParts(new Date(seconds * 1000)).map((p) => [p.type, p.value]));
  return `${found.year}年${found.month}月${found.day}日 ${found.hour}:${found.minute}`;
}

/** The state as words, with the moment it was true at. */
export function stateStrip(verdict) {
  const [word, drawing] = STATES[verdict.state];
  const reason = REASONS[verdict.why || verdict.state] || "";
  const asOf = verdict.asOf ? `截至 ${moment(verdict.asOf)}` : "";
  return h(
    "div",
    { class: `state ${verdict.state}`, "data-state": verdict.state, role: "status" },
    icon(drawing),
    h("p", {}, h("strong", {}, word), h("span", { class: "as-of" }, asOf), reason ? h("span", {}, reason) : ""),
  );
}

function row(label, value, wide) {
  return value ? h("div", { class: wide ? "row wide" : "row" }, h("dt", {}, label), h("dd", {}, value)) : null;
}

function watermark() {
  const marks = Array.from({ length: 24 }, () => h("span", {}, "演练"));
  return h("div", { class: "watermark", "aria-hidden": "true" }, ...marks);
}

/** Service matters as words. */
export function mattersText(codes) {
  return codes.includes("*") ? "全部事项" : codes.map((code) => MATTERS[code] || code).join("、");
}

function delegationCard(claims, verdict) {
  return h(
    "article",
    { class: "card", "aria-label": "用证授权" },
    claims.rehearsal ? watermark() : null,
    h(
      "header",
      {},
      claims.rehearsal ? h("p", { class: "stamp" }, "演练授权 · 无法律效力") : null,
      h("h1", {}, "用证授权"),
      h("p", { class: "sub" }, "（事业单位法人电子证书）"),
    ),
    stateStrip(verdict),
    h("p", { class: "unit" }, at(claims, "unit.name")),
    h("dl", { class: "code" }, h("dt", {}, "统一社会信用代码"), h("dd", {}, at(claims, "unit.uscc"))),
    h(
      "dl",
      { class: "fields" },
      row("被授权人", at(claims, "person.name")),
      row("授权类别", GRANTED[claims.role] || ""),
      row("授权事项", mattersText(claims.matters || []), true),
      row("授权期限", h("span", {}, `自 ${chineseDate(claims.valid_from)}`, h("br"), `至 ${chineseDate(claims.valid_to)}`)),
    ),
    h("footer", {}, h("span", {}, `签发：${moment(claims.iat)}`), h("span", {}, `平台：${new URL(claims.iss).host}`)),
  );
}

/** The face itself. */
function card(claims, verdict) {
  if (isDelegation(claims)) return delegationCard(claims, verdict);
  const wide = ["unit.second_name", "unit.third_name", "unit.other_names", "unit.address", "unit.purpose"];
  const rows = FIELDS.map(([path, label]) => row(label, at(claims, path), wide.includes(path)));
  const [from, to] = ["unit.valid_from", "unit.valid_to"].map((path) => chineseDate(at(claims, path)));
  const validity = from || to ? h("span", {}, `自 ${from}`, h("br"), `至 ${to}`) : null;
  const managed = at(claims, "manager.name");
  return h(
    "article",
    { class: "card", "aria-label": "事业单位法人证书" },
    claims.rehearsal ? watermark() : null,
    h(
      "header",
      {},
      claims.rehearsal ? h("p", { class: "stamp" }, "演练证书 · 无法律效力") : null,
      h("h1", {}, "事业单位法人证书"),
      h("p", { class: "sub" }, "（电子证书）"),
    ),
    stateStrip(verdict),
    h("p", { class: "unit" }, at(claims, "unit.name")),
    h("dl", { class: "code" }, h("dt", {}, "统一社会信用代码"), h("dd", {}, at(claims, "unit.uscc"))),
    h("dl", { class: "fields" }, ...rows.filter(Boolean), validity ? row("有效期", validity, false) : ""),
    h(
      "dl",
      { class: "holder" },
      h("dt", {}, "电子证书第一管理责任人"),
      h("dd", {}, managed, h("span", { class: "role" }, ROLES[at(claims, "manager.role")] || "")),
    ),
    h("footer", {}, h("span", {}, `签发：${moment(claims.iat)}`), h("span", {}, `平台：${new URL(claims.iss).host}`)),
  );
}

/** The whole view: face, what can be done with it, and other certificates on this phone. */
export function certificateView(certificate, verdict, actions) {
  const others = actions.others.map(({ name, pick }) => h("li", {}, button(name, "link", pick)));
  return h(
    "div",
    { class: "sheet" },
    actions.warning || "",
    h("p", { class: "note" }),
    card(certificate.claims, verdict),
    h("p", { class: "only-print quiet" }, "本页为电子证书的打印件，仅供参考；是否有效以省级平台的实时查验结果为准。"),
    h(
      "div",
      { class: "actions" },
      button("亮证", "primary", actions.show),
      actions.grants ? button("授权管理", "plain", actions.grants) : "",
      actions.receipts ? button("谁查验过", "plain", actions.receipts) : "",
      button("刷新状态", "plain", actions.refresh),
      button("打印", "plain", () => window.print()),
    ),
    h(
      "details",
      { class: "more" },
      h("summary", {}, "更多"),
      isDelegation(certificate.claims) ? "" : verdict.state === "valid" ? ladder(4) : ladder(3, `证书${STATES[verdict.state][0]}`),
      h("p", { class: "quiet" }, "请把此页面加入浏览器书签：没有网络时也能打开证书，但状态过一段时间会显示为“无法确认”，联网后即恢复。"),
      h("p", { class: "quiet" }, actions.lasting ? LASTING : FLEETING),
      others.length ? h("p", {}, "这部手机上的其他证书：") : null,
      others.length ? h("ul", {}, ...others) : null,
      h("div", { class: "actions" }, button("领取另一张证书", "plain", actions.another), button("从这部手机移除", "danger", actions.remove)),
    ),
  );
}

/** Ask before removing; resolves to true only on the person's yes. */
export function confirmRemoval(name, delegated) {
  const text = delegated
    ? `“${name}”给您的授权和密钥会从这部手机删除，不能找回。以后要用，需请授权人撤销后重新授权。`
    : `“${name}”的证书和密钥会从这部手机删除，不能找回。以后要用，需到登记窗口申请补发。`;
  return askFirst({ title: delegated ? "移除这项授权？" : "移除这张证书？", text, yes: "移除", no: "保留" });
}
