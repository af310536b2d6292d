// Every failure a holder can meet, each with its own sentence and remedy. The one door for wording.

/** A failure with a code of SENTENCES and its parameters. */
export class HolderError extends Error {
  constructor(code, params = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

const ASK = "请联系窗口工作人员";

/** code -> [title, text]; a text may be a function of the parameters. */
export const SENTENCES = {
  // The six digits
  pin_short: ["验证码不完整", "请输入工作人员告知的六位数字。"],
  pin_wrong: [
    "验证码不对",
    ({ left }) =>
      left > 0
        ? `请与工作人员核对后重新输入，还可以试 ${left} 次。`
        : "请与工作人员核对后重新输入。",
  ],
  locked: ["此领取码已锁定", "验证码输错次数过多，为安全起见已停用。请窗口工作人员重新出示一个领取码。"],
  // The claim code
  expired: ["领取码已过期", "领取码有效时间很短。请窗口工作人员重新出示一个领取码，再扫一次。"],
  used: [
    "此领取码已经用过",
    "一个领取码只能领取一次。如果您刚才领取时网络中断、手机里没有证书，请窗口工作人员补发；如果不是您本人领取，请立即告知工作人员。",
  ],
  voided: ["此领取码已作废", "窗口已停用这个领取码，通常是因为重新出示了新的。请扫描最新的领取码。"],
  gone: ["领取码不能使用", "它已过期、已用过或已作废。请窗口工作人员重新出示一个领取码。"],
  future: [
    "窗口电脑的时间不准",
    ({ minutes }) =>
      `领取码上的时间${minutes ? `比省级平台快了约 ${minutes} 分钟` : "晚于省级平台的当前时间"}，暂不能使用。请告诉工作人员校准电脑时间后重新出示。您的手机没有问题。`,
  ],
  office_behind: [
    "窗口电脑的时间不准",
    ({ minutes }) =>
      `窗口电脑比省级平台慢了约 ${minutes || "几"} 分钟，领取码一出示就过期了。请告诉工作人员校准电脑时间后重新出示。`,
  ],
  forged: ["领取码不是登记管理机关出具的", "签名核对不上，不能领取。请不要再试，并把情况告诉窗口工作人员。"],
  malformed: ["领取码不完整", "二维码没有扫全，或者网址被改动过。请对准二维码再扫一次。"],
  unknown_key: ["省级平台还不认识这个窗口", "出示领取码的设备没有在省级平台登记。请告诉窗口工作人员先完成设备登记，再重新出示。"],
  unit_expired: ["单位的法人证书已到期", "有效期已届满，不能领取电子证书。请先在登记窗口办理换领。"],
  incomplete: ["登记信息不完整", "证书上必须有的项目在省级平台还缺着，证书没有发出。请窗口工作人员补全单位信息后再试。"],
  busy: ["省级平台正忙", "这个登记机关有太多领取在等待核准信息。请过几分钟再试，或告诉窗口工作人员先同步。"],
  newer_code: ["已有更新的领取码", "窗口后来又出示了新的领取码，这一个已经停用。请扫描最新的领取码。"],
  withdrawn: ["核准已经撤回", "登记机关撤回了这次核准，证书没有发出。请窗口工作人员说明情况。"],
  unit_voided: ["单位状态不允许领取", "省级平台上这个单位已注销、移交或停用，证书没有发出。请联系窗口工作人员。"],
  unit_mismatch: ["领取码与单位不一致", "领取码所属单位与省级平台的登记信息对不上，证书没有发出。请窗口工作人员核对单位后重新办理。"],
  superseded: ["法定代表人已变更", "这个领取码属于变更之前的法定代表人，已经失效。请按变更后的登记信息到窗口重新办理。"],
  refused: ["申领没有通过省级平台核对", "省级平台没有收到一致的核准记录，证书没有发出。请窗口工作人员查看原因。"],
  office_revoked: ["窗口的出证资格已停用", `省级平台已停用出具此领取码的设备。${ASK}，换一台设备重新出示。`],
  deferred_expired: ["等待时间已过", "登记机关的核准信息一直没有到达省级平台，这次领取已经作废。请窗口工作人员补发领取码。"],
  // The typed code
  short_wrong: ["短码输错了", "请核对八位短码：可能有一位输错、漏输或前后颠倒。"],
  short_unknown: ["没有这个短码", "短码不存在、已过期或已用过。请与窗口工作人员核对，或请其重新出示。"],
  reverse_gone: ["短码已过期", "请重新显示短码，再给窗口工作人员看。领取码没有被用掉。"],
  too_many: ["尝试次数过多", "为安全起见请等几分钟再试，也可以直接扫描窗口的二维码。"],
  // The way there
  network_gone: ["手机没有联网", "请打开移动数据或无线网络后重试。领取码没有被用掉。"],
  server_gone: ["连接不上省级平台", "网络可能不稳，或平台正在维护。请稍后重试；领取码没有被用掉。"],
  server_error: ["省级平台出了故障", "请稍后重试。如果一直这样，请告诉窗口工作人员。"],
  answer_lost: [
    "网络在领取途中断了",
    "还不能确定领取码有没有被用掉。请联网后再试一次；如果提示已经用过，请窗口工作人员补发。",
  ],
  answer_wrong: ["省级平台的回答看不懂", "证书没有领取成功。请稍后重试；如果一直这样，请告诉窗口工作人员。"],
  proof_refused: ["手机的密钥没有通过核对", "请关闭此页面后重新扫描；如果一直这样，请换用手机自带的浏览器。"],
  clock_wrong: [
    "手机时间不准",
    ({ minutes }) =>
      `手机时间与标准时间相差约 ${minutes || "几"} 分钟。请在手机设置里打开“自动设置时间”后重试。`,
  ],
  // The offer
  offer_foreign: [
    "这不是本平台的领取码",
    ({ host }) => `它指向另一个网站${host ? `（${host}）` : ""}，为安全起见没有打开。请只扫描登记窗口屏幕上的二维码。`,
  ],
  offer_unreadable: ["领取码看不懂", "二维码没有扫全，或者不是电子证书的领取码。请对准窗口屏幕再扫一次。"],
  // The certificate
  signature_wrong: ["证书的签名不对", "收到的证书不完整或被改动过，没有保存。请重新扫描领取；如果一直这样，请告诉窗口工作人员。"],
  certificate_foreign: ["收到的证书不属于这部手机", "证书没有保存。请重新扫描领取；如果一直这样，请告诉窗口工作人员。"],
  certificate_damaged: ["手机里的证书已损坏", "保存的内容不完整，不能显示。请到窗口申请补发。"],
  // Authorising and showing
  delegation_not_allowed: ["不能再授权", "使用人不能授权他人。请由第一管理责任人或管理人办理。"],
  delegation_manager_not_allowed: ["不能指定管理人", "管理人只能授权使用人。请由第一管理责任人指定管理人。"],
  delegation_name_wrong: ["姓名没有填好", "请填写被授权人身份证上的姓名。"],
  delegation_id_number_wrong: ["身份证号码不对", "请对照身份证核对十八位号码，末位可能是字母 X。"],
  delegation_matters_wrong: ["没有选好授权事项", "请选择全部事项，或至少选择一项。"],
  delegation_matter_unlisted: ["所选事项已不在清单中", "请返回授权管理，重新打开后再选择。"],
  delegation_matters_beyond: ["授权事项超出范围", "只能授权您自己有权办理的事项。"],
  delegation_period_wrong: ["授权期限不对", "请填写起止日期，止期不早于起期。"],
  delegation_period_past: ["授权起期已经过去", "请从今天或以后开始。"],
  delegation_period_beyond: ["授权期限超出范围", ({ last }) => `不能超出您自己的期限${last ? `，最晚到 ${last}` : ""}。`],
  delegation_period_long: ["授权期限太长", ({ limit }) => `最多 ${limit || "一年"} 天，到期可以再次授权。`],
  delegation_person_twice: ["此人已有授权", "如需更改，请先撤销原来的授权，再重新授权。"],
  delegation_managers_full: ["管理人已满", ({ limit }) => `最多 ${limit || "几"} 名。请先撤销不再需要的授权。`],
  delegation_users_full: ["使用人已满", ({ limit }) => `最多 ${limit || "几"} 名。请先撤销不再需要的授权。`],
  delegation_unknown: ["没有找到这项授权", "请返回授权管理，刷新后重试。"],
  delegation_not_yours: ["不能撤销这项授权", "只有授权人或其上级可以撤销。"],
  delegation_ended: ["这项授权已经终止", "请返回授权管理查看；仍需要的，请重新授权。"],
  delegation_claimed: ["对方已经领取", "授权已在对方手机上，不用再次出示。如需更换手机，请撤销后重新授权。"],
  credential_void: ["证书或授权已失效", "不能再出示、授权或查看查验记录。请向登记窗口或授权人了解情况。"],
  credential_suspended: ["证书或授权已暂停", "恢复之前不能出示、授权或查看查验记录。请向登记窗口了解情况。"],
  certificate_refused: ["这张证书现在不能使用", "可能尚未生效、已到期，或手机时间不准。请校准手机时间后重试。"],
  nonce_invalid: ["等待时间太长", "请重试一次。"],
  direct_too_large: ["离线码放不下", "手机没有网络，所选内容太多。请少选几项，或联网后再出示。"],
  direct_impossible: ["此浏览器不能生成离线码", "请联网后再出示，或更新浏览器。"],
  receipts_not_yours: ["不能查看查验记录", "只有第一管理责任人和管理人可以查看谁查验过。"],
  receipts_place_wrong: ["记录没有接上", "请返回后重新打开。"],
  request_offline: ["手机没有联网", "请打开移动数据或无线网络后重试。"],
  request_unanswered: ["连接不上省级平台", "网络可能不稳，或平台正在维护。请稍后重试。"],
  // The phone
  storage_full: ["手机存储空间不足", "请删除一些不用的内容，腾出空间后重试。"],
  storage_refused: [
    "浏览器不让保存证书",
    "可能开着“无痕”或“隐私浏览”模式，或禁止了网站保存数据。请关闭该模式，用普通窗口打开后再试；领取码没有被用掉。",
  ],
  in_app_browser: [
    "请换用浏览器打开",
    "当前 App 内的浏览器不能安全保存证书。请点右上角“…”，选择“在浏览器打开”；领取码没有被用掉。",
  ],
  insecure_origin: ["连接不安全", "此网址没有加密（不是 https），浏览器不允许在这里生成密钥。请扫描窗口屏幕上的二维码，不要手工改动网址。"],
  no_crypto: ["浏览器不支持密钥", "此浏览器不能生成证书所需的密钥。请更新浏览器，或换用手机自带的浏览器；领取码没有被用掉。"],
  browser_old: ["浏览器版本过低", "请更新浏览器，或换用手机自带的浏览器；领取码没有被用掉。"],
  unexpected: ["页面出了问题", "请刷新页面重试。如果一直这样，请告诉窗口工作人员。"],
};

/** {title, text} for a failure; anything unknown is "unexpected", never raw text of a machine. */
export function wording(error) {
  const known = error instanceof HolderError && SENTENCES[error.code];
  const [title, text] = known || SENTENCES.unexpected;
  return { title, text: typeof text === "function" ? text(known ? error.params : {}) : text };
}

/** First word of the hub's error_description -> our code. */
const WORDS = {
  pin_wrong: "pin_wrong",
  pin_missing: "pin_short",
  pin_malformed: "pin_short",
  locked: "locked",
  expired: "expired",
  used: "used",
  spent: "used",
  replayed: "used",
  raced: "used",
  voided: "voided",
  cancelled: "voided",
  replaced: "voided",
  gone: "gone",
  unknown: "gone",
  future: "future",
  from_future: "future",
  lifetime: "forged",
  forged: "forged",
  unknown_key: "unknown_key",
  unit_expired: "unit_expired",
  incomplete: "incomplete",
  busy: "busy",
  malformed: "malformed",
  unit_mismatch: "unit_mismatch",
  unknown_unit: "unit_mismatch",
  superseded: "superseded",
  representative_old: "superseded",
  refused: "refused",
  facts_mismatch: "refused",
  rejected: "refused",
  withdrawn: "refused",
  office_revoked: "office_revoked",
  revoked: "office_revoked",
  purpose: "refused",
  deferred_expired: "deferred_expired",
  short_wrong: "short_wrong",
  short_unknown: "short_unknown",
  reverse_gone: "reverse_gone",
  too_many: "too_many",
  phone_clock: "clock_wrong",
  clock: "clock_wrong",
};

/** Refusals of the holder's own requests, whose code is our code and whose params are its params. */
const OWN = /^(delegation_|receipts_|credential_|certificate_refused$|nonce_invalid$)/;

/** Whole beginnings that say more than their first word. */
const PHRASES = [
  ["superseded by a newer code", "newer_code"],
  ["voided approval withdrawn", "withdrawn"],
  ["voided unit", "unit_voided"],
  ["forged unit", "unit_mismatch"],
  ["forged facts", "refused"],
];

/** OAuth / OpenID4VCI error -> our code, where the description says nothing. */
const ERRORS = {
  invalid_grant: "gone",
  invalid_tx_code: "pin_wrong",
  invalid_request: "answer_wrong",
  invalid_proof: "proof_refused",
  invalid_nonce: "proof_refused",
  invalid_token: "deferred_expired",
  invalid_transaction_id: "deferred_expired",
  credential_request_denied: "refused",
  slow_down: "too_many",
};

/** The HolderError for a refusal of the hub: HTTP status and JSON body (or null). */
export function refusal(status, body, fallback = "answer_wrong") {
  const description = body && typeof body.error_description === "string" ? body.error_description.toLowerCase() : "";
  const [first = ""] = description.split(/[\s:,]+/);
  const own = body && typeof body.error === "string" && OWN.test(body.error) && SENTENCES[body.error];
  if (own) return new HolderError(body.error, body.params || {});
  const numbers = description.match(/\d+/g) || [];
  const drift = /office clock (ahead|behind) by (\d+)/.exec(description);
  if (drift) return new HolderError(drift[1] === "ahead" ? "future" : "office_behind", { minutes: Number(drift[2]) });
  const special = PHRASES.find(([phrase]) => description.startsWith(phrase));
  if (special) return new HolderError(special[1]);
  const word = first.replace(/^code_/, "");
  const code = Object.prototype.hasOwnProperty.call(WORDS, word) ? WORDS[word] : undefined;
  if (code === "pin_wrong") return new HolderError(code, { left: Number(numbers[0]) || 0 });
  if (code) return new HolderError(code, { minutes: Number(numbers[0]) || 0 });
  if (status === 429) return new HolderError("too_many");
  if (status >= 500) return new HolderError("server_error");
  if (body && ERRORS[body.error]) return new HolderError(ERRORS[body.error]);
  return new HolderError(status === 404 ? "gone" : fallback);
}
