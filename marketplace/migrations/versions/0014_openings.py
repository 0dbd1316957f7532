"""Openings: what pilots did before they came to the platform, its rows, and what each contract had come to"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.base.db import named_statements

revision = "0014_openings"
down_revision = "0013_sums_by_day"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("file_sha256", types.Name(), nullable=False, comment="of the file, in hex"),
        sa.Column("rows_sha256", types.Name(), nullable=False, comment="of what the rows say, in hex"),
        sa.Column("n", types.Count(), nullable=False, comment="rows"),
        sa.Column("skipped", types.Count(), nullable=False, comment="lines of sums that were passed over"),
        sa.Column("first_day", types.Day(), nullable=False, comment="of the rows"),
        sa.Column("last_day", types.Day(), nullable=False, comment="of the rows"),
        sa.Column("arranged", types.Fen(), nullable=False, comment="over its contracts, as the engine sums them"),
        sa.Column("paid", types.Fen(), nullable=False, comment="payments less refunds"),
        sa.Column("refunded", types.Fen(), nullable=False),
        sa.Column("maker_id", types.ID(), nullable=False, comment="person"),
        sa.Column("note", types.Name(), nullable=True, comment="the maker's word to the checker"),
        sa.Column("submitted_at", types.Instant(), nullable=True),
        sa.Column("checker_id", types.ID(), nullable=True, comment="another person, who released or sent back"),
        sa.Column("reason", types.Name(), nullable=True, comment="why it was sent back"),
        sa.Column("released_on", types.Day(), nullable=True, comment="the day of its entries"),
        sa.Column("batch_id", types.ID(), nullable=True, comment="what it had paid; empty when nothing"),
        sa.Column("judged", types.Json(), nullable=True, comment="what the engine said when it was released"),
        sa.Column("state", types.Choice(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'released') = (released_on IS NOT NULL AND judged IS NOT NULL)",
            name=op.f("opening_released_with_its_day"),
        ),
        sa.CheckConstraint("state <> 'returned' OR reason IS NOT NULL", name=op.f("opening_returned_with_a_reason")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'released', 'withdrawn')", name=op.f("opening_state_known")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR 0 <= paid AND paid <= arranged",
            name=op.f("opening_paid_within_arranged"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR note IS NOT NULL", name=op.f("opening_submitted_with_a_note")
        ),
        sa.CheckConstraint(
            "state NOT IN ('returned', 'released') OR checker_id IS NOT NULL", name=op.f("opening_decided_by_a_checker")
        ),
        sa.CheckConstraint("checker_id IS NULL OR maker_id <> checker_id", name=op.f("opening_four_eyes")),
        sa.CheckConstraint("length(file_sha256) = 64 AND length(rows_sha256) = 64", name=op.f("opening_digests_whole")),
        sa.CheckConstraint("n > 0 AND skipped >= 0", name=op.f("opening_not_empty")),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name=op.f("fk_opening_batch_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_opening_document_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_opening_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_opening_batch_id")),
        sa.UniqueConstraint("number", name=op.f("uq_opening_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_opening_city", "opening", ["city", "id"], unique=False)
    op.create_index("ix_opening_fund", "opening", ["fund_id", "state"], unique=False)
    op.create_index(
        "uq_opening_rows",
        "opening",
        ["pilot_id", "rows_sha256"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
        sqlite_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "opening_row",
        sa.Column("opening_id", types.ID(), nullable=False),
        sa.Column("number", types.Count(), autoincrement=False, nullable=False, comment="as the sheet shows it"),
        sa.Column("day", types.Day(), nullable=False, comment="the sheet's own date: the value day"),
        sa.Column("kind", types.Name(), nullable=False),
        sa.Column("category", types.Name(), nullable=False, comment="code of the book; as written if unknown"),
        sa.Column("renovation", types.Flag(), nullable=False, comment="of the share with the floor"),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("enterprise", types.Name(), nullable=False, comment="as written, may be empty"),
        sa.Column("enterprise_key", types.Name(), nullable=False, comment="as it is compared: folded"),
        sa.Column("provider", types.Name(), nullable=False),
        sa.Column("contract", types.Name(), nullable=False, comment="as written, may be empty"),
        sa.Column("contract_key", types.Name(), nullable=False, comment="as it is compared: folded"),
        sa.Column("invoices", types.Name(), nullable=False, comment="separated by 、"),
        sa.Column("invoice_lost", types.Flag(), nullable=False, comment="the sheet had lost digits of it"),
        sa.Column("other_support", types.Name(), nullable=False),
        sa.Column("key_link", types.Flag(), nullable=False),
        sa.Column("level", types.Name(), nullable=True, comment="on the book's scale"),
        sa.Column("rank", types.Count(), nullable=True, comment="place of the level on the scale, from 1"),
        sa.Column("accepted", types.Day(), nullable=True),
        sa.Column("total", types.Fen(), nullable=True, comment="of the whole contract"),
        sa.CheckConstraint("kind IN ('committed', 'released', 'paid', 'refund')", name=op.f("opening_row_kind_known")),
        sa.CheckConstraint("(level IS NULL) = (rank IS NULL)", name=op.f("opening_row_level_with_its_rank")),
        sa.CheckConstraint("amount > 0 AND number > 0", name=op.f("opening_row_amount_positive")),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.id"], name=op.f("fk_opening_row_opening_id")),
        sa.PrimaryKeyConstraint("opening_id", "number", name=op.f("pk_opening_row")),
        sqlite_strict=True,
    )
    op.create_index("ix_opening_row_enterprise", "opening_row", ["enterprise_key"], unique=False)
    op.create_table(
        "opening_balance",
        sa.Column("opening_id", types.ID(), nullable=False),
        sa.Column("category", types.Name(), nullable=False),
        sa.Column("contract_key", types.Name(), nullable=False, comment="empty: the rows that name no contract"),
        sa.Column("contract", types.Name(), nullable=False, comment="as its first row writes it"),
        sa.Column("first_row", types.Count(), nullable=False),
        sa.Column("arranged", types.Fen(), nullable=False),
        sa.Column("paid", types.Fen(), nullable=False, comment="payments less refunds"),
        sa.Column("refunded", types.Fen(), nullable=False),
        sa.Column("commitment_id", types.ID(), nullable=True),
        sa.CheckConstraint(
            "(commitment_id IS NULL) = (arranged = 0)", name=op.f("opening_balance_carried_iff_arranged")
        ),
        sa.CheckConstraint(
            "0 <= paid AND paid <= arranged AND refunded >= 0", name=op.f("opening_balance_paid_within_arranged")
        ),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_opening_balance_commitment_id")),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.id"], name=op.f("fk_opening_balance_opening_id")),
        sa.PrimaryKeyConstraint("opening_id", "category", "contract_key", name=op.f("pk_opening_balance")),
        sa.UniqueConstraint("commitment_id", name=op.f("uq_opening_balance_commitment_id")),
        sqlite_strict=True,
    )
    bind = op.get_bind()
    for statement in _guards(bind.dialect.name).values():
        bind.exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("opening_balance")
    op.drop_table("opening_row")
    op.drop_table("opening")
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for name, statement in reversed(_guards("postgresql").items()):
            if statement.startswith("CREATE FUNCTION"):
                op.execute(f"DROP FUNCTION {name}()")


def _guards(dialect: str) -> dict[str, str]:
    return named_statements((FROZEN / f"0014_openings_{dialect}.sql").read_text(encoding="utf-8"))
