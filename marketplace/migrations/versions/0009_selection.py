"""Calls, applications, condition checks and standing"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0009_selection"
down_revision = "0008_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
