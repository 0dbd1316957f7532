"""When the province was told of a claim that lies too long on one desk"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.migrations import rebuild

revision = "0030_claims_escalated"
down_revision = "0029_scheme_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with rebuild.guards_aside(), op.batch_alter_table("claim_form") as batch:
        batch.add_column(
            sa.Column(
                "escalated_on", types.Day(), nullable=True, comment="when the province got a case of the late step"
            )
        )
        batch.create_check_constraint(
            op.f("claim_form_reminded_before_escalated"),
            "escalated_on IS NULL OR (reminded_on IS NOT NULL AND reminded_on <= escalated_on)",
        )


def downgrade() -> None:
    with rebuild.guards_aside(), op.batch_alter_table("claim_form") as batch:
        batch.drop_constraint(op.f("claim_form_reminded_before_escalated"), type_="check")
        batch.drop_column("escalated_on")
