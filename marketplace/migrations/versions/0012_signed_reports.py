"""Reports as they were signed"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0012_signed_reports"
down_revision = "0011_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signed_report",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("as_of", types.Day(), nullable=False, comment="the end of this day"),
        sa.Column("version", types.Count(), nullable=False, comment="1, and one more whenever it is opened again"),
        sa.Column("content", types.Json(), nullable=False, comment="the report as the API answers it"),
        sa.Column("sha256", types.Name(), nullable=False, comment="of the canonical content, in hex"),
        sa.Column("signed_by", types.ID(), nullable=False, comment="person"),
        sa.Column("reason", types.Name(), nullable=False, comment="why it was opened again; empty for the first"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("version > 0", name=op.f("signed_report_version_counts_from_one")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("signed_report_digest_whole")),
        sa.CheckConstraint("version = 1 OR reason <> ''", name=op.f("signed_report_a_new_version_has_its_reason")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_signed_report_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_report")),
        sa.UniqueConstraint("pilot_id", "as_of", "version", name=op.f("uq_signed_report_pilot_id_as_of_version")),
        sqlite_strict=True,
    )
    op.create_index("ix_signed_report_newest", "signed_report", ["pilot_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_signed_report_newest", table_name="signed_report")
    op.drop_table("signed_report")
