"""Invoices, claim reviews and settlement"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0011_claims"
down_revision = "0010_schemes_wallets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
