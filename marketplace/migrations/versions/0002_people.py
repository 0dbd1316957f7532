"""Regions, organisations and accounts"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0002_people"
down_revision = "0001_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
