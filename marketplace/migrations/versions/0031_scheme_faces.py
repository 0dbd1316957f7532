"""Face values to choose from, and the automatic quota"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.migrations import rebuild

revision = "0031_scheme_faces"
down_revision = "0030_claims_escalated"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with rebuild.guards_aside(), op.batch_alter_table("scheme_version") as batch:
        batch.add_column(
            sa.Column("faces_fen", types.Json(), nullable=True, comment="face values to choose from, fen; none: any")
        )
        batch.add_column(
            sa.Column(
                "automatic_fen",
                types.Fen(),
                nullable=True,
                comment="face that every enterprise on the list gets once without asking, fen",
            )
        )
        batch.create_check_constraint(
            op.f("scheme_version_automatic_within_cap"), "automatic_fen BETWEEN 1 AND cap_voucher_fen"
        )


def downgrade() -> None:
    with rebuild.guards_aside(), op.batch_alter_table("scheme_version") as batch:
        batch.drop_constraint(op.f("scheme_version_automatic_within_cap"), type_="check")
        batch.drop_column("automatic_fen")
        batch.drop_column("faces_fen")
