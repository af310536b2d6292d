"""What the page says and when a code is dead: pure, so every state is asked."""

from __future__ import annotations

import pytest

from hub.refusals import WORDS
from ui.messages import Message
from ui.screens.claim.state import (
    GRACE,
    TOKEN_SECONDS,
    CaseFacts,
    Phase,
    Progress,
    clock,
    customer_heading,
    delivery_note,
    phase,
    phones_note,
    reached,
    spoken_pin,
    spoken_short,
    telling,
    unreachable,
    wait_before,
    worth_asking,
)

STATES = ("waiting", "scanned", "pin_wrong", "locked", "accepted", "deferred", "issued", "refused")


def facts(**other: object) -> CaseFacts:
    made = dict(case="c", case_no="2026-1", unit="示范", masked_name="李**", appointed=False, claimed=False,
                sent="recorded", rehearsal=True, office="局", issuer="https://hub.invalid",
                loopback=False)  # fmt: skip
    return CaseFacts(**{**made, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "remaining", "voided", "expected"),
    [
        ("waiting", 600, False, Phase.LIVE),
        ("waiting", 0, False, Phase.EXPIRED),
        ("scanned", -1, False, Phase.EXPIRED),
        ("pin_wrong", 5, False, Phase.LIVE),
        ("locked", 500, False, Phase.LOCKED),
        ("accepted", 5, False, Phase.TAKEN),
        ("accepted", -10, False, Phase.TAKEN),
        ("accepted", -TOKEN_SECONDS, False, Phase.EXPIRED),
        ("deferred", -9999, False, Phase.TAKEN),
        ("issued", -9999, True, Phase.ISSUED),
        ("accepted", 500, True, Phase.VOIDED),
        ("waiting", 500, True, Phase.VOIDED),
    ],
)
def test_phases(state: str, remaining: int, voided: bool, expected: Phase) -> None:
    assert phase(Progress(state), remaining, voided) is expected


def test_a_refusal_that_may_pass_leaves_the_code_alive() -> None:
    assert phase(Progress("refused", 5, "busy"), 500, False) is Phase.LIVE
    assert phase(Progress("refused", 5, "superseded"), 500, False) is Phase.REFUSED


def test_every_state_and_every_refusal_has_a_sentence_of_its_own() -> None:
    said = {state: telling(Progress(state, 3), 500, False).text for state in STATES if state != "refused"}
    assert len(set(said.values())) == len(said)
    refused = {word: telling(Progress("refused", 5, word), 500, False).text
               for word in WORDS if word != "pin_wrong"}  # fmt: skip
    assert len(set(refused.values())) == len(refused)
    assert "不认识" in telling(Progress("dancing"), 500, False).text


def test_tries_left_are_said() -> None:
    assert "4 次" in telling(Progress("pin_wrong", 4), 500, False).text
    assert "1 次" in telling(Progress("pin_wrong", 1), 500, False).text


def test_a_phone_that_scanned_in_time_is_told_of_its_grace() -> None:
    assert "两分钟" in telling(Progress("scanned"), -1, False).text
    assert "两分钟" not in telling(Progress("waiting"), -1, False).text
    assert "没有取走" in telling(Progress("accepted"), -TOKEN_SECONDS, False).text


def test_the_hub_is_asked_while_news_may_come() -> None:
    assert worth_asking(Progress("waiting"), 1, False)
    assert worth_asking(Progress("scanned"), 1 - GRACE, False)
    assert not worth_asking(Progress("scanned"), -GRACE, False)
    assert worth_asking(Progress("deferred"), -99999, False)
    for state in ("issued", "locked"):
        assert not worth_asking(Progress(state), 500, False)
    assert not worth_asking(Progress("waiting"), 500, True)


def test_every_second_then_backing_off() -> None:
    assert wait_before(Progress(), 0) == 1
    assert wait_before(Progress("deferred"), 0) == 3
    waits = [wait_before(Progress(), failures) for failures in range(1, 9)]
    assert waits == sorted(waits) and waits[0] == 2 and waits[-1] == 30


def test_words_for_the_ear() -> None:
    assert spoken_pin("042917") == "042 917"
    assert spoken_short("ABCDEFGH") == "ABCD EFGH"
    assert clock(599) == "09:59" and clock(-5) == "00:00"


def test_without_the_hub_it_tells_the_truth_of_where_the_hub_is() -> None:
    gone = Message("", "连不上平台。")
    assert "手机自己能连上省级平台" in unreachable(gone, loopback=False).text
    near = unreachable(gone, loopback=True).text
    assert "本机平台" in near and "暂时领不到" in near


def test_facts_not_sent_are_said() -> None:
    assert "尚未送达省级平台，手机将等待" in delivery_note(facts(sent="pending"))[0]
    assert delivery_note(facts(sent="rejected"))[1] == "bad"
    assert delivery_note(facts()) == ("", "")


def test_what_stands_in_the_way() -> None:
    assert not facts().obstacle()
    assert "登记" in facts(issuer="").obstacle()


def test_the_customers_words_hold_nothing_of_the_clerks() -> None:
    for state in STATES:
        assert not any(letter.isdigit() for letter in customer_heading(Progress(state, 3, "voided")))
    assert "任何手机浏览器" in phones_note("登记APP", "安卓手机", "")
    assert "安卓手机" in phones_note("登记APP", "安卓手机", "")
    assert "请先连接无线网" in phones_note("登记APP", "安卓手机", "请先连接无线网")


def test_steps_follow_the_phone() -> None:
    assert [reached(Progress(state)) for state in ("waiting", "scanned", "accepted", "issued")] == [
        0,
        1,
        2,
        3,
    ]
