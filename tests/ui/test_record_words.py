"""The record in words: every kind and reason has them, and none of them tells a person's data."""

from __future__ import annotations

import pytest

from core.records.kinds import KINDS
from core.records.states import Delivery, Lifecycle
from core.services.review import RETURN_REASONS
from ui.record_words import (
    DELIVERY_WORDS,
    KIND_WORDS,
    LIFECYCLE_WORDS,
    RETURN_REASON_WORDS,
    action_words,
    exact_moment,
    masked_name,
    moment,
    reasons_words,
    who_words,
)


def test_every_kind_state_and_reason_has_words() -> None:
    assert set(KIND_WORDS) == set(KINDS)
    assert set(LIFECYCLE_WORDS) == {state.value for state in Lifecycle}
    assert set(DELIVERY_WORDS) == {state.value for state in Delivery}
    assert tuple(RETURN_REASON_WORDS) == RETURN_REASONS
    for words in (KIND_WORDS, LIFECYCLE_WORDS, DELIVERY_WORDS, RETURN_REASON_WORDS):
        assert len(set(words.values())) == len(words), "two things are called the same"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_sentence_from_any_payload(kind: str) -> None:
    assert "不认识" not in action_words(kind, {})


def test_sentences_say_how_many_and_why() -> None:
    assert action_words("case_printed", {"copies": 2}) == "打印了申请表 2 份"
    assert action_words("scan_attached", {"role": "signed_form", "pages": 3}) == "添加了签字扫描件，共 3 页"
    assert "未加盖单位公章" in action_words("case_returned", {"reasons": ["seal_missing"]})
    assert action_words("claim_minted", {"purpose": 2}) == "补发了领取码"
    items = {"a": {"original": True, "copy": False}, "b": {"original": True, "copy": True}}
    assert action_words("papers_checked", {"items": items}).endswith("原件 2 项、复印件 1 项")
    assert "不认识" in action_words("case_from_the_future", {})


def test_an_unknown_reason_is_still_a_reason() -> None:
    assert reasons_words(["seal_missing", "moon"]) == "未加盖单位公章或公章不清；其他原因"
    assert reasons_words(()) == reasons_words(None) == "未写明原因"


def test_moments_are_in_chinas_time() -> None:
    assert moment("2026-11-23T16:30:00.000Z", 2026) == "11-24 00:30"
    assert moment("2026-11-23T16:30:00.000Z", 2027) == "2026-11-24 00:30"
    assert moment("2026-12-31T16:30:00.000Z", 2027) == "01-01 00:30"
    assert exact_moment("2026-11-23T02:42:08.123Z") == "2026-11-23 10:42:08"
    assert moment("nonsense") == exact_moment("") == ""


def test_names_are_masked_also_beyond_the_basic_plane() -> None:
    assert masked_name("\U0002c29d演梅") == "\U0002c29d**"
    assert masked_name("") == ""
    assert who_words("hub") == "省级平台" and who_words("clerk") == "clerk"
