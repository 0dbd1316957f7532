"""Runs the history on a connection that is handed over by `marketplace.schema`."""

from __future__ import annotations

from alembic import context

from marketplace.base.db import Base


def _run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="types.",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
