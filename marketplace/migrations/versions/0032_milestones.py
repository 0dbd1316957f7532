"""Milestones of an order"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.migrations import rebuild

revision = "0032_milestones"
down_revision = "0031_scheme_faces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_milestone",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("position", types.Count(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("gross_fen", types.Fen(), nullable=False, comment="its share of the contract, tax included"),
        sa.Column("subsidy_fen", types.Fen(), nullable=False, comment="its share of the subsidy, fen"),
        sa.Column("confirmed_at", types.Instant(), nullable=True),
        sa.Column("person_id", types.ID(), nullable=True, comment="who confirmed it for the enterprise"),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("way", types.Name(), nullable=True, comment="own device, or short-lived code shown to the provider"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("position >= 1", name=op.f("order_milestone_position_counts_from_one")),
        sa.CheckConstraint("gross_fen > 0", name=op.f("order_milestone_gross_is_positive")),
        sa.CheckConstraint(
            "subsidy_fen >= 0 AND subsidy_fen <= gross_fen", name=op.f("order_milestone_subsidy_within_gross")
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (way IS NULL) AND (confirmed_at IS NULL) = (person_id IS NULL)",
            name=op.f("order_milestone_confirmed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_order_milestone_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_milestone")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_milestone_order_id_position")),
    )
    with rebuild.guards_aside():
        with op.batch_alter_table("shop_order") as batch:
            batch.add_column(
                sa.Column(
                    "parts",
                    types.Count(),
                    nullable=False,
                    server_default="1",
                    comment="in how many milestones it is delivered",
                )
            )
            batch.add_column(
                sa.Column(
                    "part", types.Count(), nullable=False, server_default="1", comment="the milestone under way, from 1"
                )
            )
            batch.add_column(
                sa.Column(
                    "part_fen", types.Fen(), nullable=True, comment="fen of the subsidy in this milestone; none: all"
                )
            )
            batch.create_check_constraint(op.f("shop_order_part_within_parts"), "part BETWEEN 1 AND parts")
            batch.create_check_constraint(op.f("shop_order_part_within_subsidy"), "part_fen BETWEEN 1 AND subsidy_fen")
        with op.batch_alter_table("order_delivery") as batch:
            batch.add_column(
                sa.Column(
                    "part", types.Count(), nullable=True, comment="the milestone handed over; none: the whole order"
                )
            )


def downgrade() -> None:
    with rebuild.guards_aside():
        with op.batch_alter_table("order_delivery") as batch:
            batch.drop_column("part")
        with op.batch_alter_table("shop_order") as batch:
            batch.drop_constraint(op.f("shop_order_part_within_subsidy"), type_="check")
            batch.drop_constraint(op.f("shop_order_part_within_parts"), type_="check")
            batch.drop_column("part_fen")
            batch.drop_column("part")
            batch.drop_column("parts")
    op.drop_table("order_milestone")
