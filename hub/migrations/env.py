"""Alembic's environment: runs on the connection handed in, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from hub.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
