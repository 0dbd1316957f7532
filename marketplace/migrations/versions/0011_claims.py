"""Invoices, claim reviews and settlement"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0011_claims"
down_revision = "0010_schemes_wallets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "claim_form",
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False, comment="as people say it"),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("payee_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("statement", types.Name(), nullable=False, comment="what the payee declares"),
        sa.Column(
            "proof_document_id",
            types.ID(),
            nullable=True,
            comment="the enterprise's payment of its own part; in reimbursed mode of all",
        ),
        sa.Column("round", types.Count(), nullable=False, comment="1, and one more for each correction"),
        sa.Column("submitted_by", types.ID(), nullable=False, comment="person"),
        sa.Column("submitted_at", types.Instant(), nullable=False, comment="of the present round"),
        sa.Column("step_since", types.Instant(), nullable=False),
        sa.Column(
            "due_on", types.Day(), nullable=True, comment="last working day of the step; empty: no office is due"
        ),
        sa.Column(
            "due_provisional", types.Flag(), nullable=False, comment="counted through a year without published holidays"
        ),
        sa.Column("reminded_on", types.Day(), nullable=True, comment="when everybody was told that the step is late"),
        sa.Column("paid_on", types.Day(), nullable=True, comment="the bank's day"),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.CheckConstraint("paid_on IS NULL OR due_on IS NULL", name=op.f("claim_form_paid_waits_for_nobody")),
        sa.CheckConstraint("round > 0", name=op.f("claim_form_rounds_from_one")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_form_claim_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_claim_form_enterprise_id")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_claim_form_order_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_claim_form_payee_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_claim_form_pilot_id")),
        sa.ForeignKeyConstraint(["proof_document_id"], ["document.id"], name=op.f("fk_claim_form_proof_document_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_claim_form_provider_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_form")),
        sa.UniqueConstraint("number", name=op.f("uq_claim_form_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_claim_form_city_newest", "claim_form", ["city", "created_at", "claim_id"], unique=False)
    op.create_index("ix_claim_form_due", "claim_form", ["due_on"], unique=False)
    op.create_index(
        "ix_claim_form_enterprise_newest", "claim_form", ["enterprise_id", "created_at", "claim_id"], unique=False
    )
    op.create_index("ix_claim_form_order", "claim_form", ["order_id"], unique=False)
    op.create_index("ix_claim_form_pilot_newest", "claim_form", ["pilot_id", "created_at", "claim_id"], unique=False)
    op.create_index(
        "ix_claim_form_provider_newest", "claim_form", ["provider_id", "created_at", "claim_id"], unique=False
    )
    op.create_table(
        "invoice",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("number", types.Name(), nullable=False, comment="20 digits"),
        sa.Column("issued_on", types.Day(), nullable=False),
        sa.Column("seller_uscc", types.Name(), nullable=False),
        sa.Column("buyer_uscc", types.Name(), nullable=False),
        sa.Column("net_fen", types.Fen(), nullable=False),
        sa.Column("tax_fen", types.Fen(), nullable=False),
        sa.Column("gross_fen", types.Fen(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False, comment="why it is held or withdrawn"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "state IN ('submitted', 'confirmed', 'held', 'withdrawn')", name=op.f("invoice_state_known")
        ),
        sa.CheckConstraint("net_fen + tax_fen = gross_fen", name=op.f("invoice_net_and_tax_are_gross")),
        sa.CheckConstraint("net_fen > 0 AND tax_fen >= 0", name=op.f("invoice_amounts_are_positive")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_invoice_document_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_invoice_enterprise_id")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_invoice_order_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_invoice_pilot_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_invoice_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sqlite_strict=True,
    )
    op.create_index(
        "invoice_number_once",
        "invoice",
        ["number"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_index("ix_invoice_city_newest", "invoice", ["city", "created_at", "id"], unique=False)
    op.create_index("ix_invoice_order", "invoice", ["order_id"], unique=False)
    op.create_index("ix_invoice_provider_newest", "invoice", ["provider_id", "created_at", "id"], unique=False)
    op.create_table(
        "payment_file",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("batch_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("sha256", types.Name(), nullable=False, comment="of the file, in hex"),
        sa.Column("loaded_by", types.ID(), nullable=False, comment="person: checker, or who loaded it"),
        sa.Column(
            "summary", types.Json(), nullable=False, comment="counts, sums in fen, and the lines of a return file"
        ),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("kind IN ('payment', 'return')", name=op.f("payment_file_kind_known")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("payment_file_digest_whole")),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name=op.f("fk_payment_file_batch_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_payment_file_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_file")),
        sa.UniqueConstraint("batch_id", "kind", "sha256", name=op.f("uq_payment_file_batch_id_kind_sha256")),
        sqlite_strict=True,
    )
    op.create_index(
        "payment_file_once",
        "payment_file",
        ["batch_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'payment'"),
        postgresql_where=sa.text("kind = 'payment'"),
    )
    op.create_table(
        "claim_paper",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("round", types.Count(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("object_id", types.ID(), nullable=False),
        sa.Column("facts_sha256", types.Name(), nullable=False, comment="of the canonical row, in hex"),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("document_sha256", types.Name(), nullable=True, comment="of the file, in hex"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "kind IN ('order', 'contract', 'acceptance', 'invoice', 'proof')", name=op.f("claim_paper_kind_known")
        ),
        sa.CheckConstraint(
            "(document_id IS NULL) = (document_sha256 IS NULL)", name=op.f("claim_paper_file_with_its_digest")
        ),
        sa.CheckConstraint("length(facts_sha256) = 64", name=op.f("claim_paper_facts_digest_whole")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim_form.claim_id"], name=op.f("fk_claim_paper_claim_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_claim_paper_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_paper")),
        sa.UniqueConstraint(
            "claim_id", "round", "kind", "object_id", name=op.f("uq_claim_paper_claim_id_round_kind_object_id")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "claim_review",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("round", types.Count(), nullable=False),
        sa.Column("step", types.Choice(), nullable=False),
        sa.Column("decision", types.Choice(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("notes", types.Json(), nullable=False, comment="field → what to correct"),
        sa.Column("cuts", types.Json(), nullable=False, comment="list of {line, amount in fen, code, clause, reason}"),
        sa.Column("due_on", types.Day(), nullable=True, comment="until when it was to be decided"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("decision = 'approved' OR reason <> ''", name=op.f("claim_review_a_no_has_its_reason")),
        sa.CheckConstraint(
            "decision IN ('approved', 'returned', 'rejected')", name=op.f("claim_review_decision_known")
        ),
        sa.CheckConstraint("step IN ('pilot', 'city')", name=op.f("claim_review_step_known")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim_form.claim_id"], name=op.f("fk_claim_review_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_review")),
        sa.UniqueConstraint("claim_id", "round", "step", name=op.f("uq_claim_review_claim_id_round_step")),
        sqlite_strict=True,
    )
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("claim_review")
    op.drop_table("claim_paper")
    op.drop_table("payment_file")
    op.drop_table("invoice")
    op.drop_table("claim_form")
    # ### end Alembic commands ###
    # tables: end
