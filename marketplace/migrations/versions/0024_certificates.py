"""Certificates of what is payable"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0024_certificates"
down_revision = "0023_invoice_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payable_certificate",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("code", types.Name(), nullable=False, comment="random: who has seen the certificate knows it"),
        sa.Column("payee_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("approved_on", types.Day(), nullable=False, comment="day of the city's approval"),
        sa.Column("issued_by", types.ID(), nullable=False, comment="person of the payee"),
        sa.Column("text", types.Name(), nullable=False, comment="canonical JSON"),
        sa.Column("public_key", types.Blob(), nullable=False),
        sa.Column("signature", types.Blob(), nullable=False, comment="Ed25519"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("amount_fen > 0", name=op.f("payable_certificate_amount_positive")),
        sa.CheckConstraint(
            "length(public_key) = 32 AND length(signature) = 64", name=op.f("payable_certificate_signature_whole")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim_form.claim_id"], name=op.f("fk_payable_certificate_claim_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_payable_certificate_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payable_certificate")),
        sa.UniqueConstraint(
            "claim_id",
            "amount_fen",
            "approved_on",
            name=op.f("uq_payable_certificate_claim_id_amount_fen_approved_on"),
        ),
        sa.UniqueConstraint("number", name=op.f("uq_payable_certificate_number")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("payable_certificate")
