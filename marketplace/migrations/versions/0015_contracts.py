"""Contracts of direct expenditure; invoices and claims of an order or of a contract"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.migrations import rebuild

revision = "0015_contracts"
down_revision = "0014_openings"
branch_labels = None
depends_on = None

BELONGS = "(order_id IS NULL) <> (contract_id IS NULL)"


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "contract_record",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("category", types.Name(), nullable=False, comment="subsidy category of the pilot's book"),
        sa.Column("buyer_id", types.ID(), nullable=False, comment="the pilot's office: it gets the invoices"),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False, comment="as it stands on the contract"),
        sa.Column("title", types.Name(), nullable=False, comment="what is bought"),
        sa.Column("method", types.Choice(), nullable=True, comment="how it was procured, where known"),
        sa.Column("total_fen", types.Fen(), nullable=False, comment="the whole contract, tax included"),
        sa.Column("amount_fen", types.Fen(), nullable=False, comment="what the subsidy pays of it"),
        sa.Column("signed_on", types.Day(), nullable=False),
        sa.Column("last_day", types.Day(), nullable=False, comment="last day on which a part may be accepted"),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("document_sha256", types.Name(), nullable=False, comment="of the signed contract, in hex"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("recorded_by", types.ID(), nullable=False, comment="person"),
        sa.Column("decided_by", types.ID(), nullable=True, comment="person: another one, or who withdrew it"),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False, comment="why it was declined or withdrawn"),
        sa.Column("commitment_id", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'confirmed') = (commitment_id IS NOT NULL)", name=op.f("contract_record_confirmed_iff_committed")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)", name=op.f("contract_record_proposed_iff_undecided")
        ),
        sa.CheckConstraint(
            "method IN ('open_tender', 'invited_tender', 'negotiation', 'consultation', 'inquiry', 'single_source', 'framework', 'below_limit', 'other')",
            name=op.f("contract_record_method_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'declined', 'withdrawn')", name=op.f("contract_record_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'declined') OR decided_by <> recorded_by",
            name=op.f("contract_record_four_eyes"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('declined', 'withdrawn') OR reason <> ''", name=op.f("contract_record_a_no_has_its_reason")
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("contract_record_decided_by_and_when")
        ),
        sa.CheckConstraint(
            "amount_fen > 0 AND amount_fen <= total_fen", name=op.f("contract_record_amount_within_total")
        ),
        sa.CheckConstraint("buyer_id <> provider_id", name=op.f("contract_record_nobody_buys_from_himself")),
        sa.CheckConstraint("signed_on <= last_day", name=op.f("contract_record_signed_before_last_day")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_contract_record_buyer_id")),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_contract_record_commitment_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_contract_record_document_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_contract_record_pilot_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_contract_record_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_record")),
        sa.UniqueConstraint("commitment_id", name=op.f("uq_contract_record_commitment_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_contract_record_city_newest", "contract_record", ["city", "created_at", "id"], unique=False)
    op.create_index(
        "ix_contract_record_pilot_newest", "contract_record", ["pilot_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_contract_record_provider_newest", "contract_record", ["provider_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_contract_record_number",
        "contract_record",
        ["pilot_id", "number"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'confirmed')"),
        postgresql_where=sa.text("state IN ('proposed', 'confirmed')"),
    )
    op.create_table(
        "contract_part",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("contract_id", types.ID(), nullable=False),
        sa.Column("redemption_id", types.Count(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("content", types.Name(), nullable=False, comment="what was delivered"),
        sa.Column("accepted_on", types.Day(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False, comment="evidence"),
        sa.Column("accepted_by", types.ID(), nullable=False, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("amount_fen > 0", name=op.f("contract_part_amount_positive")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract_record.id"], name=op.f("fk_contract_part_contract_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_contract_part_document_id")),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.entry_id"], name=op.f("fk_contract_part_redemption_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_part")),
        sa.UniqueConstraint("redemption_id", name=op.f("uq_contract_part_redemption_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_contract_part_contract", "contract_part", ["contract_id", "redemption_id"], unique=False)
    op.create_table(
        "contract_recall",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("contract_id", types.ID(), nullable=False),
        sa.Column("entry_id", types.Count(), nullable=False, comment="the ledger's movement"),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True, comment="the amendment"),
        sa.Column("recalled_by", types.ID(), nullable=False, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("reason <> ''", name=op.f("contract_recall_has_its_reason")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("contract_recall_amount_positive")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract_record.id"], name=op.f("fk_contract_recall_contract_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_contract_recall_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_recall")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_contract_recall_entry_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_contract_recall_contract", "contract_recall", ["contract_id", "entry_id"], unique=False)
    # ### end Alembic commands ###
    # tables: end
    with rebuild.guards_aside():
        for table in ("invoice", "claim_form"):
            with op.batch_alter_table(table) as batch:
                batch.add_column(sa.Column("contract_id", types.ID(), nullable=True, comment="of direct expenditure"))
                batch.alter_column("order_id", existing_type=types.ID(), nullable=True)
                batch.alter_column(
                    "enterprise_id",
                    existing_type=types.ID(),
                    existing_nullable=False,
                    comment="whoever ordered; of a contract the pilot's office",
                )
                batch.create_foreign_key(op.f(f"fk_{table}_contract_id"), "contract_record", ["contract_id"], ["id"])
                batch.create_check_constraint(op.f(f"{table}_of_an_order_or_a_contract"), BELONGS)
            op.create_index(f"ix_{table}_contract", table, ["contract_id"])


def downgrade() -> None:
    with rebuild.guards_aside():
        for table in ("invoice", "claim_form"):
            op.drop_index(f"ix_{table}_contract", table_name=table)
            with op.batch_alter_table(table) as batch:
                batch.drop_constraint(op.f(f"{table}_of_an_order_or_a_contract"), type_="check")
                batch.drop_constraint(op.f(f"fk_{table}_contract_id"), type_="foreignkey")
                batch.drop_column("contract_id")
                batch.alter_column("order_id", existing_type=types.ID(), nullable=False)
    # tables: begin
    op.drop_table("contract_recall")
    op.drop_table("contract_part")
    op.drop_table("contract_record")
    # ### end Alembic commands ###
    # tables: end
