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
