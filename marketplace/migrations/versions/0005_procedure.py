"""Panels, scores, public notices and objections"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0005_procedure"
down_revision = "0004_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
