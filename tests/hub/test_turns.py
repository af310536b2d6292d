"""Who works next: turns, shares, refusals (T27). Nothing here waits for a clock."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import turns
from hub.turns import (
    ADDRESS,
    BURST,
    DESK,
    INSIDE,
    PER_MINUTE,
    PLACES,
    THREADS,
    Busy,
    Turns,
    Who,
    desk,
    who_asks,
)

FLOOD, OTHER, PHONES = desk(b"\x01" * 32), desk(b"\x02" * 32), Who("address 192.0.2.1", ADDRESS)


def started(queue: Turns[Any]) -> list[tuple[str, Any]]:
    """Start what may run now."""
    found = []
    while (job := queue.next()) is not None:
        found.append((job[0].name, job[1]))
    return found


def refusal(queue: Turns[Any], who: Who, size: int = 0) -> Busy:
    with pytest.raises(Busy) as told, queue.place(who, size):
        pass
    return told.value


def test_a_flood_never_holds_more_than_its_threads_and_the_next_one_need_not_wait() -> None:
    queue: Turns[int] = Turns()
    for number in range(100):
        queue.put(FLOOD, number)
    assert started(queue) == [(FLOOD.name, 0)], "its share, also while nobody else is there"
    queue.put(OTHER, 7)
    assert started(queue) == [(OTHER.name, 7)]
    queue.done(FLOOD)
    assert started(queue) == [(FLOOD.name, 1)]


def test_the_control_holds_every_thread_and_the_next_one_waits_behind_it() -> None:
    queue: Turns[int] = Turns(fair=False)
    for number in range(100):
        queue.put(FLOOD, number)
    assert len(started(queue)) == THREADS
    queue.put(OTHER, 7)
    for _ in range(99 - THREADS):
        queue.done(FLOOD)
        assert [name for name, _ in started(queue)] == [FLOOD.name]


def test_who_waits_is_served_in_turn() -> None:
    queue: Turns[int] = Turns(threads=1)
    for who in (FLOOD, OTHER, PHONES):
        for number in range(3):
            queue.put(who, number)
    order = []
    while (job := queue.next()) is not None:
        order.append((job[0], job[1]))
        queue.done(job[0])
    assert order == [(who, number) for number in range(3) for who in (FLOOD, OTHER, PHONES)]


def test_places_and_bytes_of_one_are_bounded_and_the_others_have_theirs() -> None:
    queue: Turns[int] = Turns()
    with ExitStack() as held:
        for _ in range(DESK.places):
            held.enter_context(queue.place(FLOOD, 0))
        fault = refusal(queue, FLOOD)
        assert (fault.code, fault.params) == ("desk_busy", {"seconds": 2})
        for who in (OTHER, PHONES):
            with queue.place(who, 8 << 20):
                pass
    with queue.place(FLOOD, DESK.octets):
        assert refusal(queue, FLOOD, 1).code == "desk_busy"
        with queue.place(OTHER, 8 << 20):
            pass
    with ExitStack() as held:
        for _ in range(ADDRESS.places):
            held.enter_context(queue.place(PHONES, 0))
        assert refusal(queue, PHONES).code == "hub_busy"
        with queue.place(OTHER, 0):
            pass


def test_what_all_hold_is_bounded_too_and_comes_back() -> None:
    queue: Turns[int] = Turns()
    many = [desk(number.to_bytes(32)) for number in range(PLACES // DESK.places + 1)]
    with ExitStack() as held:
        for number in range(PLACES):
            held.enter_context(queue.place(many[number // DESK.places], 0))
        assert refusal(queue, OTHER).code == "hub_busy"
    with ExitStack() as held:
        for who in many[: turns.OCTETS // DESK.octets]:
            held.enter_context(queue.place(who, DESK.octets))
        assert refusal(queue, OTHER, DESK.octets).code == "hub_busy"
    assert not queue._held and not queue._bytes, "nothing is kept of who holds nothing"


def test_a_rate_holds_a_desk_and_nobody_else() -> None:
    now = [0.0]
    queue: Turns[int] = Turns(now=lambda: now[0])
    for _ in range(BURST):
        with queue.place(FLOOD, 0):
            pass
    fault = refusal(queue, FLOOD)
    assert (fault.code, fault.params) == ("desk_busy", {"seconds": 1})
    for _ in range(BURST + 1):
        with queue.place(PHONES, 0):  # behind an address may be a whole province
            pass
    with queue.place(OTHER, 0):
        pass
    now[0] += fault.params["seconds"]
    for _ in range(PER_MINUTE // 60):
        with queue.place(FLOOD, 0):
            pass
    assert refusal(queue, FLOOD).code == "desk_busy"


def test_a_desk_that_catches_up_is_never_told_to_wait() -> None:
    """5,000 cases, 20,000 units and every scan: one request after another, quicker than any line answers."""
    now = [0.0]
    queue: Turns[int] = Turns(now=lambda: now[0])
    for _ in range(60_000):
        with queue.place(FLOOD, 8 << 20), queue.place(FLOOD, 0):  # and beside it, how the phone fares
            now[0] += 0.02
    for _ in range(BURST // 2):  # and at any speed for a while
        with queue.place(FLOOD, 8 << 20):
            pass


def test_a_desk_behind_an_address_counts_once_its_signature_is_verified() -> None:
    queue: Turns[int] = Turns()
    one, other = b"\x01" * 32, b"\x02" * 32
    with ExitStack() as held:
        for _ in range(INSIDE):
            held.enter_context(queue.known(PHONES, one))
        with pytest.raises(Busy) as told, queue.known(PHONES, one):
            pass
        assert (told.value.code, told.value.params) == ("desk_busy", {"seconds": 2})
        with queue.known(PHONES, other), queue.known(desk(one), one):  # that one was counted at the door
            pass
    assert not queue._inside


def test_who_asks_is_the_key_that_was_shown_or_else_the_address() -> None:
    plain = {"client": ("192.0.2.1", 4711)}
    assert who_asks(plain) == PHONES and not PHONES.is_desk
    assert who_asks({"client": ("192.0.2.1", 9), "extensions": {"tls": {"client_cert_chain": []}}}) == PHONES
    assert who_asks({"client": None}).share is ADDRESS
    assert desk(b"\x01" * 32) == FLOOD and FLOOD.is_desk


STEPS = st.lists(st.one_of(st.integers(0, 5), st.just("start"), st.just("end")), max_size=200)


@given(STEPS)
def test_nobody_passes_their_share_waits_past_a_round_or_is_lost(steps: list[Any]) -> None:
    """Whatever the order of coming, starting and ending; three desks, three addresses."""
    everyone = [desk(bytes([n]) * 32) for n in range(3)] + [Who(f"address {n}", ADDRESS) for n in range(3)]
    queue: Turns[int] = Turns(threads=4)
    put, ran, running = 0, list[int](), list[Who]()
    passed = dict[str, int]()
    waiting = dict[str, int]()

    def start() -> None:
        while (found := queue.next()) is not None:
            who, job = found
            ran.append(job)
            running.append(who)
            waiting[who.name] -= 1
            assert running.count(who) <= who.share.running and len(running) <= 4
            passed[who.name] = 0
            for each in everyone:
                free = running.count(each) < each.share.running
                if each != who and waiting.get(each.name) and free:
                    passed[each.name] = passed.get(each.name, 0) + 1
                    assert passed[each.name] < 2 * len(everyone), "served within a round or two"
        idle = [each for each in everyone if waiting.get(each.name)]
        assert len(running) == 4 or all(running.count(each) >= each.share.running for each in idle)

    for step in steps:
        if step == "start":
            start()
        elif step == "end":
            if running:
                queue.done(running.pop(0))
        else:
            queue.put(everyone[step], put)
            waiting[everyone[step].name] = waiting.get(everyone[step].name, 0) + 1
            put += 1
    while len(ran) < put:
        start()
        while running:
            queue.done(running.pop())
    assert sorted(ran) == list(range(put)) and queue.next() is None
