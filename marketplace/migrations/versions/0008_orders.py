"""Orders, contracts, consents and acceptance"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0008_orders"
down_revision = "0007_roster_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
