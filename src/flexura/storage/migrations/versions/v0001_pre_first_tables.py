"""The first tables; runs before the release that needs them starts."""

from alembic import op

from flexura.storage.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
