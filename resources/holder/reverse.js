// The reverse claim: this phone cannot scan, so it shows a short code and the clerk types it.

import { HolderError, wording } from "./errors.js";
import { ISSUER, postJson } from "./hub.js";
import { button, h, show } from "./views.js";

const FIRST_WAIT = 2;
const LONGEST_WAIT = 5;
const LONGEST_PAUSE = 15;

/** A short code of this phone's own: {short, ticket, seconds}. */
export async function openTicket() {
  const { body } = await postJson(`${ISSUER}/api/v1/holder/reverse`, {});
  const { short, ticket, expires_in: seconds } = body;
  if (typeof short !== "string" || short.length !== 8 || typeof ticket !== "string" || !(seconds > 0)) {
    throw new HolderError("answer_wrong");
  }
  return { short, ticket, seconds };
}

/** The offer that a desk sent to this ticket, or null while there is none. Throws "reverse_gone" at its end. */
async function pollTicket(ticket) {
  const { body } = await postJson(`${ISSUER}/api/v1/holder/reverse/poll`, { ticket });
  return typeof body.credential_offer_uri === "string" ? { uri: body.credential_offer_uri } : null;
}

/** Seconds until the next question: a little longer each time, much longer while the hub is away. */
function nextWait(wait, failed) {
  if (!wait) return FIRST_WAIT;
  return failed ? Math.min(wait * 2, LONGEST_PAUSE) : Math.min(wait * 1.05, LONGEST_WAIT);
}

/** The code, large, with the time left. `tell(text)` says what keeps the page waiting, or nothing. */
function reverseView(ticket, back) {
  const ends = Date.now() + ticket.seconds * 1000;
  const groups = [ticket.short.slice(0, 4), ticket.short.slice(4)];
  const left = h("strong", { class: "left" });
  const note = h("p", { class: "note", role: "status" });
  const tick = () => {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    left.textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  };
  tick();
  const view = h(
    "section",
    { class: "panel", "data-state": "reverse" },
    h("p", { class: "eyebrow" }, "反向领取"),
    h("h1", {}, "请把短码给窗口工作人员看"),
    h(
      "p",
      { class: "phone-code", role: "img", "aria-label": `手机短码：${groups.map((group) => [...group].join(" ")).join("，")}` },
      groups.join("-"),
    ),
    h("p", { class: "centred" }, "剩余 ", left),
    h("p", {}, "工作人员输入后，本页会自动继续，再由您输入工作人员当面告知的六位验证码。请不要关闭本页。"),
    note,
    h("p", { class: "quiet small" }, "短码里没有您和单位的信息，只能用一次。"),
    button("返回", "plain", back),
  );
  return { view, tick, tell: (text) => { note.textContent = text; } };
}

/** Show the code and ask until the desk has sent one: its offer, or null once `alive()` is over. Throws "reverse_gone". */
export async function awaitCode(ticket, alive, pause, back) {
  const screen = reverseView(ticket, back);
  show(screen.view);
  const clock = setInterval(screen.tick, 1000);
  try {
    let failed = false;
    for (let wait = nextWait(0); alive(); wait = nextWait(wait, failed)) {
      await pause(wait);
      if (!alive()) return null;
      const found = await pollTicket(ticket.ticket).catch((error) => error);
      if (!alive()) return null;
      failed = found instanceof Error;
      if (failed && found.code === "reverse_gone") throw found;
      screen.tell(failed ? `${wording(found).title}，正在重试……` : "");
      if (!failed && found) return found;
    }
    return null;
  } finally {
    clearInterval(clock);
  }
}
