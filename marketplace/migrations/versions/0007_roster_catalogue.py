"""Who may sell, and what is on offer"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0007_roster_catalogue"
down_revision = "0006_pilots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
