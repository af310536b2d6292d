// 核验: asks this hub, shows one of three answers. Whatever comes back enters the page as text only. What is
// in hand stays in this script's memory alone, so that a person and a matter can be asked about; it goes with the page.

const base = document.documentElement.dataset.base || "";
const byId = (id) => document.getElementById(id);
const WORDS = { valid: ["有效", "✓"], "not valid": ["无效", "✕"], unknown: ["无法确认", "?"] };
const TODO = {
  valid: "请再看一眼下面的内容与对方、与本件是否一致。",
  "not valid": "不要凭它办理。可请对方重新出示，或向登记管理机关核实。",
  printed: "请把下面的内容与纸面逐项核对，有一项不同的，纸面就是改过的，不要凭它办理。",
  unknown: "现在不能作出判断，不要当作有效。",
  match: "请再看一眼证件照片是否本人，下面的内容与本件是否一致。",
  differs: "请核对证件后重新录入；仍不相符的，不要凭它办理。",
};
/** The words for a question about a person alone, and about a matter. */
const PERSON = { valid: "相符", "not valid": "不相符", unknown: "无法比对" };
const MATTER = { valid: "可以办理", "not valid": "不能办理", unknown: "无法确认" };
const KINDS = { certificate: "电子证书", delegation: "使用授权", printed: "纸质打印件" };
const REASONS = {
  not_a_certificate: "这不是电子证书、授权、亮证码或打印件的二维码。",
  certificate_void: "证书已失效。",
  certificate_suspended: "证书已暂停使用，暂停期间不得凭它办理。",
  delegation_void: "授权已失效。",
  delegation_suspended: "授权已暂停使用，暂停期间不得凭它办理。",
  parent_void: "授权所依据的证书或上级授权已失效。",
  parent_suspended: "授权所依据的证书或上级授权已暂停使用，暂停期间不得凭它办理。",
  unit_not_yet: "证书的有效期还没有开始。",
  unit_expired: "证书的有效期已过。",
  delegation_not_yet: "授权的期限还没有开始。",
  delegation_expired: "授权的期限已过。",
  expired: "证书已过期。",
  not_yet: "证书还没有生效。",
  matter_not_covered: "授权不包含要办的事项。",
  person_differs: "在场人员与证书或授权上的人不一致。",
  chain_root: "不是本省平台签发的证书。",
  chain_rehearsal: "演练证书，不能作为真实证书使用。",
  signature: "签名不符，内容可能被改动。",
  key_binding: "亮证码已过时，请对方刷新。",
  key_binding_missing: "缺少持证手机的签名，请对方重新亮证。",
  issuer_key_unknown: "不是本平台签发的。",
  status_missing: "本平台没有这份证书的状态。",
  holder_not_proven: "未证明出示人持有该证书。请让持证人用手机亮证，或核对其身份证件。",
  status_stale: "平台的状态数据已过期，请稍后再试。",
  status_refused: "平台的状态数据不可信，请稍后再试。",
  status_not_understood: "证书状态无法识别，请向登记管理机关核实。",
  person_not_shown: "对方没有出示可比对的人员信息，请对方亮证时勾选。",
  matter_not_shown: "对方没有出示授权事项，请对方亮证时勾选。",
  shown_needs_network: "这是亮证码的地址，要联网核验，请用手机相机重新扫描。",
  paper_altered: "打印件的内容被改动过，不得采信。",
  matter_unknown: "应用场景清单中没有要办的事项。",
  person_not_asked: "没有核对在场人员，请核对其身份证件。",
  paper_signature_missing: "这份文件里没有平台的签名，请核对原件。",
  paper_unchecked: "这份文件的签名没有核验，请与平台返回的内容逐项核对。",
  nothing_asked: "没有可以回答的问题，请重新核验。",
  rehearsal: "演练证书，不具法律效力。",
};
const REFUSED = "证书未通过验证，不得采信。";
const PROBLEMS = {
  shown_expired: "亮证码已过期，请对方刷新后重新扫描。",
  too_many: "核验的人太多，请稍后再试。",
  body_too_large: "内容太长，不是证书。",
  body_malformed: "提交的内容看不懂，请刷新页面后重试。",
  id_number_wrong: "身份证号码校验不通过，请核对是否录错。",
  matter_unknown: "应用场景清单中已没有这个事项，请重新核验后再选。",
  offline: "连不上平台，请检查网络后重试。",
  nothing: "请先粘贴内容，或拍摄二维码。",
  number_short: "身份证号码应为 18 位，请核对是否录错。",
  half_a_person: "比对人员要同时填写姓名和身份证号码。",
  nobody: "请填写在场人员的姓名和身份证号码。",
};
const FILE_LIMIT = 20 * 1024 * 1024;
const FORGET_MS = 5 * 60 * 1000;

/** What is in hand: {ref} or {text}; null when there is nothing, or nothing that stands. */
let held = null;
let asking = 0;
let end = 0;

function say(code, sentence) {
  byId("answer").hidden = true;
  complain(code, sentence);
}

/** Say what is wrong with a question and leave the answer before it in sight. */
function complain(code, sentence) {
  byId("problem").textContent = PROBLEMS[code] || sentence || "没有办成，请稍后再试。";
  byId("problem").hidden = false;
}

function moment(seconds) {
  const parts = { dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Shanghai", hourCycle: "h23" };
  return new Intl.DateTimeFormat("zh-CN", parts).format(new Date(seconds * 1000));
}

function fill(list, rows) {
  list.replaceChildren(
    ...rows.map(([name, value, tone]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      if (tone) text.dataset.tone = tone;
      row.append(term, text);
      return row;
    }),
  );
  list.hidden = rows.length === 0;
}

/** What is said of the thing, of the person and of the matter, each by itself. */
function partsOf(told, asked) {
  if (!asked) return [];
  const person = asked.match === true ? "valid" : asked.match === false ? "not valid" : "unknown";
  const rows = [
    [KINDS[told.kind] || "证书", (WORDS[told.answer] || WORDS.unknown)[0], told.answer],
    ["在场人员", PERSON[person], person],
  ];
  const name = (told.matters.find(([code]) => code === asked.matter) || [])[1];
  if (asked.matter) rows.push([name || "办理事项", MATTER[asked.answer] || MATTER.unknown, asked.answer]);
  return rows;
}

function todoOf(told, asked, answer) {
  if (asked && answer === "valid") return TODO.match;
  if (asked && asked.match === false) return TODO.differs;
  return TODO[answer === "valid" && told.kind === "printed" ? "printed" : answer] || TODO.unknown;
}

function show(told) {
  const asked = told.asked;
  const { answer, reasons, as_of } = asked || told;
  const sign = (WORDS[answer] || WORDS.unknown)[1];
  const words = asked ? (asked.matter ? MATTER : PERSON) : { [answer]: (WORDS[answer] || WORDS.unknown)[0] };
  const unproven = answer === "valid" && reasons.includes("holder_not_proven");
  byId("problem").hidden = true;
  byId("band").hidden = !told.reasons.includes("rehearsal");
  byId("answer").dataset.answer = unproven ? "unproven" : answer;
  byId("sign").textContent = sign;
  byId("word").textContent = `${words[answer] || WORDS.unknown[0]}${unproven ? "（持证人未证实）" : ""}`;
  byId("kind").textContent = KINDS[told.kind] || "";
  byId("why").textContent = [...new Set(reasons.map((code) => REASONS[code] || REFUSED))].join("");
  byId("as-of").textContent = as_of ? `状态截至 ${moment(as_of)}` : "";
  byId("todo").textContent = todoOf(told, asked, answer);
  fill(byId("parts"), partsOf(told, asked));
  fill(byId("facts"), told.facts);
  byId("facts-title").hidden = told.facts.length === 0;
  offer(told);
  byId("answer").hidden = false;
  byId("answer").focus();
}

/** Offer the further questions about what stands; a chosen matter stays chosen. */
function offer(told) {
  const box = byId("matter");
  const chosen = box.value;
  byId("more").hidden = told.answer !== "valid";
  if (told.answer !== "valid") {
    forget();
    return;
  }
  box.replaceChildren(box.firstElementChild, ...told.matters.map(([code, name]) => new Option(name, code)));
  box.value = told.matters.some(([code]) => code === chosen) ? chosen : "";
}

/** Forget what is in hand and who stands there. */
function forget() {
  held = null;
  for (const id of ["name", "number"]) byId(id).value = "";
  byId("more").hidden = true;
}

function clear() {
  asking += 1;
  clearTimeout(end);
  forget();
  busy(false);
  for (const id of ["answer", "problem", "band"]) byId(id).hidden = true;
  for (const id of ["facts", "parts"]) byId(id).replaceChildren();
}

function busy(on) {
  byId("wait").hidden = !on;
  for (const part of document.querySelectorAll("#more :is(input, select), button[type=submit]")) part.disabled = on;
}

/** Send and return what was told, or null once a fault was said, or when another question came meanwhile. */
async function send(place, body, kind, failed) {
  const mine = ++asking;
  byId("problem").hidden = true;
  busy(true);
  let told = null;
  let reply = null;
  try {
    reply = await fetch(`${base}/api/v1/verify/${place}`, {
      method: "POST",
      headers: { "Content-Type": kind },
      body,
      cache: "no-store",
      credentials: "omit",
    });
    told = await reply.json().catch(() => ({}));
  } catch {
    told = { error: "offline" };
  }
  if (mine !== asking) return null;
  busy(false);
  clearTimeout(end);
  end = setTimeout(clear, FORGET_MS);
  if (reply && reply.ok) return told;
  failed(told.error, told.message);
  return null;
}

/** Ask about a new thing; what was in hand before is forgotten first. */
async function ask(thing) {
  forget();
  byId("answer").hidden = true;
  const told = await send("shown", JSON.stringify(thing), "application/json", say);
  if (!told) return;
  held = thing;
  show(told);
}

async function askFile(file) {
  forget();
  byId("answer").hidden = true;
  if (file.size > FILE_LIMIT) {
    say("", "文件太大（上限 20 MB）。请选择平台给出的 PDF 原件，或把图片缩小。");
    return;
  }
  const told = await send("file", file, "application/octet-stream", say);
  if (!told) return;
  held = { text: told.text };
  show(told);
}

/** Ask about the person and the matter, of what is in hand. The number leaves only in the body of this request. */
async function askMore() {
  const name = byId("name").value.trim();
  const number = byId("number").value.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
  const matter = byId("matter").value;
  if (!held) return;
  const short = !/^[0-9]{17}[0-9X]$/.test(number);
  if (!name || short) {
    complain(!name && !number ? "nobody" : !name || !number ? "half_a_person" : "number_short");
    byId(name ? "number" : "name").focus();
    return;
  }
  const question = { ...held, person: { name, id_number: number } };
  if (matter) question.matter = matter;
  const told = await send("shown", JSON.stringify(question), "application/json", (code, sentence) => {
    if (code !== "shown_expired") {
      complain(code, sentence);
      byId("number").focus();
      return;
    }
    forget();
    say(code);
  });
  if (!told) return;
  for (const id of ["name", "number"]) byId(id).value = "";
  show(told);
}

async function read(file) {
  if ("BarcodeDetector" in window && file.type.startsWith("image/")) {
    try {
      const picture = await createImageBitmap(file);
      const found = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
      if (found.length === 1) {
        await ask({ text: found[0].rawValue.trim() });
        return;
      }
    } catch {
      // the hub reads it
    }
  }
  await askFile(file);
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  byId("text").value = "";
  if (text) void ask({ text });
  else say("nothing");
});
byId("more").addEventListener("submit", (event) => {
  event.preventDefault();
  void askMore();
});
byId("ask").addEventListener("reset", clear);
window.addEventListener("pagehide", clear);
for (const id of ["picture", "file"]) {
  byId(id).addEventListener("change", (event) => {
    const [file] = event.target.files;
    // Emptied only once it was sent: some browsers drop a file whose field was cleared.
    if (file) void read(file).finally(() => (event.target.value = ""));
  });
}

const ref = /\/v\/([^/]+)$/.exec(location.pathname);
if (ref) {
  // The reference is good for two minutes; it need not stay in the address and the history.
  history.replaceState(null, "", `${base}/v`);
  void ask({ ref: ref[1] });
}
