"""The ledger: funds, lines, commitments, holds, entries, payouts, and what guards them"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0003_ledger"
down_revision = "0002_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
