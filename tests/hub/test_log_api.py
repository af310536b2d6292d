"""The log as anyone reads it: over HTTP, with the format's own paths, from a hub that really runs."""

from __future__ import annotations

import pytest

from core.canonical import canonical, digest
from core.sync.envelope import unwrap
from core.tlog import checkpoint as notes
from core.tlog.entry import read_entry
from core.tlog.merkle import CompactRange, Tree, leaf_hash
from core.tlog.tiles import bundles_of, split_tile, tiles_of, unpack_entries
from tests.hub.conftest import Station
from tests.hub.wallet import http


def test_a_stranger_rebuilds_the_signed_head_from_the_files(station: Station) -> None:
    office = station.new_office()
    for index in range(2):
        office.approved_case(index)
    office.push_all_recorded()
    base = f"{station.hub.issuer}/log/{office.office}"
    answer = http(f"{base}/checkpoint")
    assert answer.status == 200 and "max-age=2" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    origin = base.partition("://")[2]
    head = notes.verify_note(answer.body.decode(), station.hub.signer.public_bytes(), origin)
    assert head.size == office.seq
    entries: list[bytes] = []
    for place in bundles_of(head.size):
        bundle = http(f"{base}/{place.path()}")
        assert "immutable" in bundle.headers["cache-control"]
        assert bundle.headers["content-type"] == "application/octet-stream"
        entries += unpack_entries(bundle.body)
    tree = Tree(leaf_hash(entry) for entry in entries)
    assert (tree.size, tree.root()) == (head.size, head.root)
    for place in tiles_of(head.size):
        assert split_tile(http(f"{base}/{place.path()}").body) == [
            tree.node(8 * place.level, 256 * place.index + at) for at in range(place.width)
        ]
    feed = office.feed()["items"]
    assert [read_entry(entry)[1] for entry in entries] == [
        digest("action/1", canonical(item["action"])).hex() for item in feed
    ]


def test_entries_hold_nothing_of_a_person(station: Station) -> None:
    office = station.new_office()
    base = f"{station.hub.issuer}/log/{office.office}"
    size = office.seq
    data = http(f"{base}/tile/entries/000.p/{size}").body
    assert len(data) == size * (2 + 24 + 1 + 64 + 1)


@pytest.mark.parametrize(
    "rest",
    [
        "tile/0/000",
        "tile/entries/000.p/255",
        "tile/1/000.p/1",
        "tile/0/001.p/1",
        "tile/0/000.p/0",
        "tile/00/000.p/1",
        "tile/0/x999/x999/x999/999.p/1",
        "tile/63/000.p/1",
        "checkpoint/",
        "tile",
        "",
    ],
)
def test_what_the_tree_does_not_have_is_not_found(station: Station, rest: str) -> None:
    office = station.new_office()
    answer = http(f"{station.hub.issuer}/log/{office.office}/{rest}")
    assert answer.status == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("office", ["nobody", "%00", "..", "a" * 65])
def test_an_unknown_office_has_no_log(station: Station, office: str) -> None:
    assert http(f"{station.hub.issuer}/log/{office}/checkpoint").status == 404


def test_a_push_in_protocol_two_is_answered_with_its_proof(station: Station) -> None:
    office = station.new_office()
    office.register(office.invented(3))
    office.register(office.invented(4))
    items, office.outbox = office.outbox, []
    batch = {"device_epoch": office.epoch, "actions": items}
    status, data = station.post("/api/v1/actions", office.envelope("actions", **batch, protocol=2))
    assert status == 200
    answer = unwrap(data).payload
    told = answer["log"]
    head = notes.verify_note(told["checkpoint"], station.hub.signer.public_bytes())
    left = CompactRange(told["first"] - 1, map(bytes.fromhex, told["left"]))
    own = [leaf_hash(f"{item['at']} {item['hash']}\n".encode()) for item in answer["receipts"]]
    assert told["hub"] == [] and head.size == told["first"] + 1
    assert left.extended(own).root() == head.root


def test_protocol_one_is_answered_as_ever(station: Station) -> None:
    office = station.new_office()
    assert "log" not in office.feed()
    assert "log" not in office.ask("/api/v1/actions", office.batch([]))
