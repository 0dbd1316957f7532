"""Programmes, pilots, members and levels"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0006_pilots"
down_revision = "0005_procedure"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
