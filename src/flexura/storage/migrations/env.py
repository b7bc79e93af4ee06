"""Alembic's entry: runs the migrations on the database that `storage.migrate` names."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event, text

from flexura.storage.tables import metadata

engine = create_engine(context.config.attributes["url"])
ON_SQLITE = engine.dialect.name == "sqlite"

if ON_SQLITE:

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: Any, record: object) -> None:
        """The driver would commit before each statement that makes a table."""
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """All or nothing: a process that is killed in the middle leaves the schema as it was."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")


try:
    with engine.begin() as connection:
        if not ON_SQLITE:
            # Processes that start at once migrate one after the other; the later ones find nothing to do.
            # Old ones that still serve are not waited for without end.
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('flexura migration'))"))
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
