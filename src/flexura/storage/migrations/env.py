"""Alembic's entry: runs the migrations on the SQLite file that `storage.migrate` names."""

from alembic import context
from sqlalchemy import create_engine

from flexura.storage.tables import metadata

engine = create_engine(f"sqlite:///{context.config.attributes['database']}")
with engine.begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
