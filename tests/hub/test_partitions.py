"""The hub on tables partitioned by office: its own DDL, its suites' main path, and not a line of it changed.

Nothing in ``hub/`` knows of partitions; they are possible because every key starts with the office.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from hub import schema, tables
from hub.engine import open_database
from tests.hub import test_claim_path as claim_path
from tests.hub import test_ledger as ledger
from tests.hub import test_refused as refused
from tests.hub import test_scans as scans
from tests.hub import test_suspension as suspension
from tests.hub.conftest import Station, run_station
from tests.hub.partitioned import PARTS, partition_all
from tests.hub.sample_office import SampleOffice
from tests.hub.test_refused import unit as unit
from tests.hub.test_scans import new_office as new_office
from tests.hub.test_suspension import claimed as claimed
from tests.postgres import fresh_database

KEY = bytes(range(32))

# The same tests again, on the station below.
test_certificate = claim_path.test_a_claim_ends_in_a_certificate_that_our_verifier_accepts
test_progress = claim_path.test_the_hub_tells_the_desk_what_happened
test_replacement = claim_path.test_a_replacement_voids_the_former_in_the_same_breath
test_deferred = claim_path.test_facts_that_have_not_arrived_defer_the_certificate
test_order = ledger.test_an_honest_office_is_recorded_in_order
test_again = ledger.test_a_batch_sent_again_gets_the_same_answer
test_feed = ledger.test_the_feed_has_no_gap_and_opens_for_the_desk
test_conflict = ledger.test_two_edits_of_one_version_conflict
test_others = ledger.test_another_office_sees_none_of_it
test_restored = ledger.test_a_restored_desk_starts_a_new_generation_and_the_old_is_refused
test_erased = ledger.test_an_erased_subject_leaves_chain_and_feed_whole
test_refusals = refused.test_what_was_built_on_a_refused_action_is_refused_until_it_is_settled
test_scan = scans.test_a_scan_in_chunks_is_there_when_its_hash_is_right
test_suspended = suspension.test_the_code_alone_suspends_and_the_facts_void


@pytest.fixture(scope="module", params=["hash", "list"])
def shared_station(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: str
) -> Iterator[Station]:
    with fresh_database(postgres_server) as url:
        database = open_database(url, KEY)
        database.create()
        with database.write() as connection:
            # Any office may get a partition of its own; the hub's own rows, under "", get one here.
            partition_all(connection, ("",) if request.param == "list" else ())
        database.close()
        yield from run_station(tmp_path_factory.mktemp("parts"), db=url)


def test_the_tables_are_partitioned_and_filled(station: Station) -> None:
    kinds = text("SELECT relname FROM pg_class WHERE relkind = 'p'")
    with station.hub.database.read() as connection:
        found = set(connection.execute(kinds).scalars())
        assert found == {table.name for table in schema.metadata.sorted_tables}


def test_rows_of_an_office_lie_in_one_partition_and_only_it_is_read(
    station: Station, office: SampleOffice
) -> None:
    office.approved_case(0)
    office.push_all_recorded()
    table = tables.action
    asked = select(table.c.hash).where(table.c.office == office.office, table.c.position > 0)
    with station.hub.database.read() as connection:
        places = connection.execute(
            text("SELECT DISTINCT tableoid::regclass::text FROM action WHERE office = :office"),
            {"office": office.office},
        ).scalars()
        (place,) = places
        sql = str(asked.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = "\n".join(connection.execute(text("EXPLAIN " + sql.replace(":", "\\:"))).scalars())
    assert place.startswith("action_")
    assert place in plan
    others = {f"action_h{number}" for number in range(PARTS)} | {"action_o0", "action_rest"}
    assert not [other for other in others - {place} if other in plan]
