"""Editions of rule books, findings, sanctions"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0004_policy"
down_revision = "0003_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
