"""Schema 12: a unit that was handed over keeps its row, so one that comes back has the same credit code."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ANEW = (
    "DROP INDEX unit_by_code",
    """CREATE TABLE unit_view_anew (
        office VARCHAR(64) NOT NULL,
        unit VARCHAR(64) NOT NULL,
        uscc VARCHAR(64) NOT NULL,
        PRIMARY KEY (office, unit)
    )""",
    "INSERT INTO unit_view_anew SELECT office, unit, uscc FROM unit_view",
    "DROP TABLE unit_view",
    "ALTER TABLE unit_view_anew RENAME TO unit_view",
)


def upgrade() -> None:
    """Let codes stand more than once in an office; SQLite drops no constraint, its table is made anew."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in _ANEW:
            op.execute(statement)
    else:
        op.execute("DROP INDEX unit_by_code")
        for key in inspect(connection).get_unique_constraints("unit_view"):
            op.drop_constraint(str(key["name"]), "unit_view", type_="unique")
    op.execute("CREATE INDEX unit_by_code ON unit_view (uscc, office)")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
