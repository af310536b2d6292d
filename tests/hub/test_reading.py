"""Reading one subject costs what that subject did, not what its office did."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from core.ids import system_random
from hub.setup import init
from hub.world import _OF_KINDS, _OF_ONE
from tests.hub.conftest import Hands


@pytest.mark.parametrize("query", [_OF_ONE, _OF_KINDS], ids=["one", "kinds"])
def test_an_index_leads_to_the_subject(tmp_path: Path, query: object) -> None:
    hub = init(f"sqlite:///{tmp_path / 'hub.db'}", "https://hub.example.test", tmp_path / "root.pem",
               system_random(32), False, Hands())  # fmt: skip
    sql = str(query).replace("(__[POSTCOMPILE_kinds])", "('unit', 'case')")
    if query is _OF_KINDS:
        sql = sql.replace(
            " ORDER BY", " AND action.subject IN (SELECT value FROM json_each('[\"a\"]')) ORDER BY"
        )
    for name in ("office", "kind", "subject"):
        sql = sql.replace(f":{name}", "'x'")
    with hub.database.read() as connection:
        plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    hub.database.close()
    (way,) = [step for step in plan if step.startswith("SEARCH action ")]
    assert "office=? AND subject_kind=? AND subject=?" in way, plan


def test_an_index_leads_to_a_credit_code_in_one_office_and_in_all(tmp_path: Path) -> None:
    """SQLite would rather go through all units of the office than through an index of codes alone."""
    hub = init(f"sqlite:///{tmp_path / 'hub.db'}", "https://hub.example.test", tmp_path / "root.pem",
               system_random(32), False, Hands())  # fmt: skip
    for table, index in (("unit_view", "unit_by_code"), ("register_unit", "")):
        for where in ("uscc = 'x'", "office = 'x' AND uscc IN (SELECT value FROM json_each('[\"a\"]'))"):
            with hub.database.read() as connection:
                rows = connection.execute(text(f"EXPLAIN QUERY PLAN SELECT unit FROM {table} WHERE {where}"))
                (way,) = [row[3] for row in rows if row[3].startswith("SEARCH ")]
            assert "uscc=?" in way and index in way, way
    hub.database.close()


@pytest.mark.parametrize(
    ("table", "mine"), [("used_nonce", ""), ("shown_presentation", ""), ("party_request", " AND party = 'p'")]
)
def test_an_index_leads_to_what_is_past_its_time(tmp_path: Path, table: str, mine: str) -> None:
    hub = init(f"sqlite:///{tmp_path / 'hub.db'}", "https://hub.example.test", tmp_path / "root.pem",
               system_random(32), False, Hands())  # fmt: skip
    asked = f"SELECT office FROM {table} WHERE office = ''{mine} AND expires_at < 5 LIMIT 100"
    with hub.database.read() as connection:
        (way,) = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
    assert "_by_end (office=?" in way and "expires_at<?" in way, way
    hub.database.close()
