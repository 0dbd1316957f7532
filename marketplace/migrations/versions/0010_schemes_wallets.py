"""Schemes, vouchers as people see them, codes"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0010_schemes_wallets"
down_revision = "0009_selection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
