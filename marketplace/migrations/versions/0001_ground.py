"""Idempotency, audit, documents, jobs and notices"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0001_ground"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
