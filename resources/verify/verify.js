// 核验: asks this hub, shows one of three answers. Whatever comes back enters the page as text only.

const base = document.documentElement.dataset.base || "";
const byId = (id) => document.getElementById(id);
const WORDS = { valid: ["有效", "✓"], "not valid": ["无效", "✕"], unknown: ["无法确认", "?"] };
const TODO = {
  valid: "请再看一眼下面的内容与对方、与本件是否一致。",
  "not valid": "不要凭它办理。可请对方重新出示，或向登记管理机关核实。",
  printed: "请把下面的内容与纸面逐项核对，有一项不同的，纸面就是改过的，不要凭它办理。",
  unknown: "现在不能作出判断，不要当作有效。",
};
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
  offline: "连不上平台，请检查网络后重试。",
  nothing: "请先粘贴内容，或拍摄二维码。",
  camera: "这个浏览器不能识别图片里的二维码。请用手机相机直接扫描对方的亮证码，或粘贴文本。",
  no_symbol: "图片上没有找到二维码，请对正、放大后重拍。",
};

function say(code, sentence) {
  byId("answer").hidden = true;
  byId("problem").textContent = PROBLEMS[code] || sentence || "没有办成，请稍后再试。";
  byId("problem").hidden = false;
}

function moment(seconds) {
  const parts = { dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Shanghai", hourCycle: "h23" };
  return new Intl.DateTimeFormat("zh-CN", parts).format(new Date(seconds * 1000));
}

function show(told) {
  const [word, sign] = WORDS[told.answer] || WORDS.unknown;
  const unproven = told.answer === "valid" && told.reasons.includes("holder_not_proven");
  byId("problem").hidden = true;
  byId("band").hidden = !told.reasons.includes("rehearsal");
  byId("answer").dataset.answer = unproven ? "unproven" : told.answer;
  byId("sign").textContent = sign;
  byId("word").textContent = unproven ? `${word}（持证人未证实）` : word;
  byId("kind").textContent = KINDS[told.kind] || "";
  byId("why").textContent = [...new Set(told.reasons.map((code) => REASONS[code] || REFUSED))].join("");
  byId("as-of").textContent = told.as_of ? `状态截至 ${moment(told.as_of)}` : "";
  const compare = told.answer === "valid" && told.kind === "printed";
  byId("todo").textContent = TODO[compare ? "printed" : told.answer] || TODO.unknown;
  byId("facts").replaceChildren(
    ...told.facts.map(([name, value]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      row.append(term, text);
      return row;
    }),
  );
  byId("answer").hidden = false;
  byId("answer").focus();
}

async function ask(question) {
  let reply;
  try {
    reply = await fetch(`${base}/api/v1/verify/shown`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question),
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    say("offline");
    return;
  }
  const told = await reply.json().catch(() => ({}));
  if (reply.ok) show(told);
  else say(told.error, told.message);
}

/** A link of a phone that was pasted or photographed is asked for by its reference. */
function questionOf(text) {
  const link = /^https?:\/\/[^\s]+\/v\/([A-Za-z0-9_-]{24})$/.exec(text);
  return link ? { ref: link[1] } : { text };
}

async function read(file) {
  if (!("BarcodeDetector" in window)) {
    say("camera");
    return;
  }
  try {
    const picture = await createImageBitmap(file);
    const found = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
    if (found.length === 1) await ask(questionOf(found[0].rawValue.trim()));
    else say("no_symbol");
  } catch {
    say("no_symbol");
  }
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  byId("text").value = "";
  if (text) void ask(questionOf(text));
  else say("nothing");
});
byId("ask").addEventListener("reset", () => {
  for (const id of ["answer", "problem", "band"]) byId(id).hidden = true;
  byId("facts").replaceChildren();
});
byId("picture").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) void read(file);
});

const ref = /\/v\/([^/]+)$/.exec(location.pathname);
if (ref) {
  // The reference is good for two minutes; it need not stay in the address and the history.
  history.replaceState(null, "", `${base}/v`);
  void ask({ ref: ref[1] });
}
