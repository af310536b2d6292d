"""The feed to the desk that made the actions: its own values need not come again, if it holds them."""

from __future__ import annotations

import pytest

from core.records.model import action_from_body
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice, member


@pytest.fixture
def office(station: Station) -> SampleOffice:
    office = station.new_office()
    office.approved_case()
    office.push_all_recorded()
    return office


def sealed(office: SampleOffice, own: object) -> list[tuple[int, bool]]:
    """Return, of each action with personal values, its number in the chain and whether they came along."""
    items = office.ask("/api/v1/feed", office.envelope("feed", after=0, limit=500, own=own))["items"]
    made = [(action_from_body(item["action"]), item["sealed"]) for item in items]
    return [(action.seq, bool(values)) for action, values in made if action.commitments]


def hash_of(office: SampleOffice, number: int) -> str:
    feed = office.feed()["items"]
    return action_from_body(feed[number - 1]["action"]).hash()


def test_what_the_desk_holds_comes_without_its_values(station: Station, office: SampleOffice) -> None:
    everything = sealed(office, "")
    assert len(everything) >= 4 and all(came for _, came in everything)
    assert sealed(office, office.prev) == [(seq, False) for seq, _ in everything]
    middle = everything[1][0]
    assert sealed(office, hash_of(office, middle)) == [(seq, seq > middle) for seq, _ in everything]


def test_what_was_not_made_here_or_is_unknown_brings_everything(
    station: Station, office: SampleOffice
) -> None:
    """A copy of a desk that parted from it names an action the hub does not have: it gets all values."""
    everything = sealed(office, "")
    stranger = station.new_office()
    for own in ("ab" * 32, "nothing", "\0", stranger.prev):
        assert sealed(office, own) == everything
    parted = office.epoch
    office.epoch, office.seq, office.prev = parted + 1, 0, "0" * 64
    office.add_person(member("演练", "clerk"))
    office.push_all_recorded()
    assert all(came for _, came in sealed(office, office.prev)[:-1])  # another generation's actions


@pytest.mark.parametrize("own", [7, None, ["x"]])
def test_nonsense_is_refused(office: SampleOffice, own: object) -> None:
    with pytest.raises(AssertionError, match="envelope_malformed"):
        sealed(office, own)
