"""The ledger: funds, lines, commitments, holds, entries, payouts, and what guards them"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.base.db import named_statements

revision = "0003_ledger"
down_revision = "0002_people"
branch_labels = None
depends_on = None

STAMPED = ("entry", "fund_entry")
FROZEN = Path(__file__).parent.parent / "sql"
"""The trigger files as they stood at this revision; later ones bring their own."""


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "balance_horizon",
        sa.Column("id", types.Count(), autoincrement=False, nullable=False),
        sa.Column("reached", types.Count(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("balance_horizon_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_horizon")),
        sqlite_strict=True,
    )
    op.create_table(
        "balance_snapshot",
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("src", types.Name(), nullable=False),
        sa.Column("dst", types.Name(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "kind", "day", "src", "dst", name=op.f("pk_balance_snapshot")),
        sqlite_strict=True,
    )
    op.create_table(
        "entry",
        sa.Column("id", types.Serial(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", types.Xid(), nullable=True, comment="the writing transaction on PostgreSQL"),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("seq", types.Count(), nullable=False),
        sa.Column("kind", types.Name(), nullable=False),
        sa.Column("src", types.Name(), nullable=False),
        sa.Column("dst", types.Name(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("hold_id", types.ID(), nullable=True),
        sa.Column("redemption_id", types.Count(), nullable=True, comment="the part that is refunded, cut or settled"),
        sa.Column("provider_id", types.ID(), nullable=True),
        sa.Column("attempt_id", types.ID(), nullable=True, comment="the confirmed payment behind a settle"),
        sa.Column(
            "idem_scope", types.Name(), nullable=True, comment="who asked; only the first entry of an act has it"
        ),
        sa.Column("idem_key", types.Name(), nullable=True),
        sa.Column("req_hash", types.Blob(), nullable=True),
        sa.Column("person_id", types.ID(), nullable=False, comment="the nil UUID: the platform itself"),
        sa.Column("assignment_id", types.ID(), nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("prev_hash", types.Blob(), nullable=False),
        sa.Column("hash", types.Blob(), nullable=False),
        sa.CheckConstraint("(kind = 'issue') = (seq = 1)", name=op.f("entry_issue_comes_first")),
        sa.CheckConstraint("(kind = 'settle') = (attempt_id IS NOT NULL)", name=op.f("entry_settled_iff_attempt")),
        sa.CheckConstraint(
            "(kind IN ('refund', 'cut', 'settle', 'clawback')) = (redemption_id IS NOT NULL)",
            name=op.f("entry_part_iff_reversed"),
        ),
        sa.CheckConstraint(
            "(kind IN ('reserve', 'redeem')) = (provider_id IS NOT NULL)", name=op.f("entry_provider_iff_spent")
        ),
        sa.CheckConstraint(
            "(src = 'reserved' OR dst = 'reserved') = (hold_id IS NOT NULL)", name=op.f("entry_reserved_iff_hold")
        ),
        sa.CheckConstraint(
            "kind || ':' || src || '>' || dst IN ('issue:line>available', 'reserve:available>reserved', 'release:reserved>available', 'lapse:reserved>recalled', 'redeem:reserved>payable', 'redeem:available>payable', 'refund:payable>available', 'refund:payable>recalled', 'cut:payable>available', 'cut:payable>recalled', 'settle:payable>paid', 'clawback:paid>clawed', 'expire:available>recalled', 'recall:available>recalled')",
            name=op.f("entry_movement_known"),
        ),
        sa.CheckConstraint(
            "(idem_scope IS NULL) = (idem_key IS NULL) AND (idem_key IS NULL) = (req_hash IS NULL)",
            name=op.f("entry_key_with_its_digest"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("entry_amount_positive")),
        sa.CheckConstraint("length(hash) = 32 AND length(prev_hash) = 32", name=op.f("entry_chain_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("commitment_id", "seq", name=op.f("uq_entry_commitment_id_seq")),
        sa.UniqueConstraint("idem_scope", "idem_key", name=op.f("uq_entry_idem_scope_idem_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_entry_position", "entry", ["xid", "id"], unique=False)
    op.create_index(
        "uq_entry_settled_once",
        "entry",
        ["redemption_id", "attempt_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'settle'"),
        sqlite_where=sa.text("kind = 'settle'"),
    )
    op.create_table(
        "fund",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False, comment="GB/T 2260 code of the prefecture city"),
        sa.Column("source", types.Name(), nullable=False, comment="province, city, county: who gives the money"),
        sa.Column("currency", types.Name(), nullable=False),
        sa.Column(
            "ceiling_bps", types.Count(), nullable=True, comment="of the award; empty: no book governs this source"
        ),
        sa.Column("award", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("received", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("renovation_allotted", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("other_allotted", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("paid", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("recovered", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("returned", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("seq", types.Count(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "award >= 0 AND received >= 0 AND renovation_allotted >= 0 AND other_allotted >= 0 AND paid >= 0 AND recovered >= 0 AND returned >= 0 AND recovered <= paid AND seq >= 0",
            name=op.f("fund_amounts_not_negative"),
        ),
        sa.CheckConstraint(
            "ceiling_bps IS NULL OR ceiling_bps BETWEEN 0 AND 10000", name=op.f("fund_ceiling_is_a_share")
        ),
        sa.CheckConstraint("other_allotted * 10000 <= ceiling_bps * award", name=op.f("fund_other_within_ceiling")),
        sa.CheckConstraint("paid - recovered <= received - returned", name=op.f("fund_paid_within_received")),
        sa.CheckConstraint("received <= award", name=op.f("fund_received_within_award")),
        sa.CheckConstraint("renovation_allotted + other_allotted <= award", name=op.f("fund_allotted_within_award")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_fund_id_currency")),
        sa.UniqueConstraint("pilot_id", "source", name=op.f("uq_fund_pilot_id_source")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_table(
        "redemption",
        sa.Column("entry_id", types.Serial(), autoincrement=False, nullable=False),
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("hold_id", types.ID(), nullable=True, comment="empty for a contract"),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("refunded", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("settled", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("clawed", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_entry", types.Count(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("redemption_amount_positive")),
        sa.CheckConstraint(
            "refunded >= 0 AND settled >= 0 AND clawed >= 0 AND refunded + settled <= amount AND clawed <= settled",
            name=op.f("redemption_parts_within_amount"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("entry_id", "commitment_id", name=op.f("uq_redemption_entry_id_commitment_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_redemption_commitment", "redemption", ["commitment_id"], unique=False)
    op.create_index("ix_redemption_hold", "redemption", ["hold_id"], unique=False)
    op.create_index(
        "ix_redemption_owed",
        "redemption",
        ["provider_id", "entry_id"],
        unique=False,
        postgresql_where=sa.text("refunded + settled < amount"),
        sqlite_where=sa.text("refunded + settled < amount"),
    )
    op.create_table(
        "budget_line",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("category", types.Name(), nullable=False, comment="category code of the rule book"),
        sa.Column("share", types.Choice(), nullable=False),
        sa.Column("currency", types.Name(), nullable=False),
        sa.Column("opens_on", types.Day(), nullable=False),
        sa.Column("closes_on", types.Day(), nullable=False, comment="last day; money recalled later lapses"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("share IN ('renovation', 'other')", name=op.f("budget_line_share_known")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("budget_line_opens_before_it_closes")),
        sa.ForeignKeyConstraint(
            ["fund_id", "currency"], ["fund.id", "fund.currency"], name=op.f("fk_budget_line_fund_id_currency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint("fund_id", "category", name=op.f("uq_budget_line_fund_id_category")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_budget_line_id_currency")),
        sa.UniqueConstraint("id", "fund_id", name=op.f("uq_budget_line_id_fund_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_budget_line_pilot_id"), "budget_line", ["pilot_id"], unique=False)
    op.create_table(
        "payment_batch",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("total", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("maker_id", types.ID(), nullable=False, comment="person"),
        sa.Column("checker_id", types.ID(), nullable=True, comment="another person"),
        sa.Column("state", types.Choice(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("approved_on", types.Day(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(checker_id IS NULL OR maker_id <> checker_id) AND (state IN ('draft', 'cancelled') OR checker_id IS NOT NULL)",
            name=op.f("payment_batch_four_eyes"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'sent', 'done', 'cancelled')", name=op.f("payment_batch_state_known")
        ),
        sa.CheckConstraint("total >= 0", name=op.f("payment_batch_total_not_negative")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_payment_batch_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch")),
        sa.UniqueConstraint("id", "fund_id", name=op.f("uq_payment_batch_id_fund_id")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_batch_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_payment_batch_fund", "payment_batch", ["fund_id"], unique=False)
    op.create_index("ix_payment_batch_pilot", "payment_batch", ["pilot_id", "state", "id"], unique=False)
    op.create_table(
        "fund_entry",
        sa.Column("id", types.Serial(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", types.Xid(), nullable=True, comment="the writing transaction on PostgreSQL"),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("seq", types.Count(), nullable=True, comment="place among the movements of the fund itself"),
        sa.Column("kind", types.Name(), nullable=False),
        sa.Column("line_id", types.ID(), nullable=True),
        sa.Column("k", types.Count(), nullable=True),
        sa.Column("bseq", types.Count(), nullable=True, comment="place among the movements of the bucket"),
        sa.Column("issue_batch_id", types.ID(), nullable=True),
        sa.Column("batch_id", types.ID(), nullable=True),
        sa.Column("entry_id", types.Count(), nullable=True, comment="the movement of a commitment behind it"),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("reference", types.ID(), nullable=True, comment="what it follows from: award, tranche, document"),
        sa.Column("idem_scope", types.Name(), nullable=True),
        sa.Column("idem_key", types.Name(), nullable=True),
        sa.Column("req_hash", types.Blob(), nullable=True),
        sa.Column("person_id", types.ID(), nullable=False, comment="the nil UUID: the platform itself"),
        sa.Column("assignment_id", types.ID(), nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'issue') = (issue_batch_id IS NOT NULL)", name=op.f("fund_entry_issue_names_its_batch")
        ),
        sa.CheckConstraint(
            "(kind IN ('allot', 'unallot', 'issue', 'recall', 'lapse')) = (bseq IS NOT NULL AND line_id IS NOT NULL AND k IS NOT NULL) AND (line_id IS NULL) = (bseq IS NULL) AND (k IS NULL) = (bseq IS NULL)",
            name=op.f("fund_entry_bucket_iff_bucket_moves"),
        ),
        sa.CheckConstraint(
            "(kind IN ('issue', 'recall', 'lapse')) = (seq IS NULL)", name=op.f("fund_entry_fund_seq_iff_fund_moves")
        ),
        sa.CheckConstraint(
            "(kind IN ('pay', 'unpay')) = (batch_id IS NOT NULL)", name=op.f("fund_entry_payment_names_its_batch")
        ),
        sa.CheckConstraint(
            "(kind IN ('recall', 'lapse', 'recover')) = (entry_id IS NOT NULL)",
            name=op.f("fund_entry_return_names_its_entry"),
        ),
        sa.CheckConstraint(
            "kind IN ('award', 'receipt', 'allot', 'unallot', 'issue', 'recall', 'lapse', 'pay', 'unpay', 'recover', 'return')",
            name=op.f("fund_entry_kind_known"),
        ),
        sa.CheckConstraint(
            "(idem_scope IS NULL) = (idem_key IS NULL) AND (idem_key IS NULL) = (req_hash IS NULL)",
            name=op.f("fund_entry_key_with_its_digest"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("fund_entry_amount_positive")),
        sa.ForeignKeyConstraint(
            ["batch_id", "fund_id"],
            ["payment_batch.id", "payment_batch.fund_id"],
            name=op.f("fk_fund_entry_batch_id_fund_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_entry")),
        sa.UniqueConstraint("fund_id", "seq", name=op.f("uq_fund_entry_fund_id_seq")),
        sa.UniqueConstraint("idem_scope", "idem_key", name=op.f("uq_fund_entry_idem_scope_idem_key")),
        sa.UniqueConstraint("line_id", "k", "bseq", name=op.f("uq_fund_entry_line_id_k_bseq")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_fund_entry_batch_id"), "fund_entry", ["batch_id"], unique=False)
    op.create_index(op.f("ix_fund_entry_entry_id"), "fund_entry", ["entry_id"], unique=False)
    op.create_index(op.f("ix_fund_entry_issue_batch_id"), "fund_entry", ["issue_batch_id"], unique=False)
    op.create_index("ix_fund_entry_position", "fund_entry", ["xid", "id"], unique=False)
    op.create_index(
        "uq_fund_entry_paid_once",
        "fund_entry",
        ["batch_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'pay'"),
        sqlite_where=sa.text("kind = 'pay'"),
    )
    op.create_table(
        "issue_batch",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("idem_scope", types.Name(), nullable=False),
        sa.Column("idem_key", types.Name(), nullable=False),
        sa.Column("req_hash", types.Blob(), nullable=False),
        sa.Column("file_sha256", types.Blob(), nullable=True, comment="of the sheet that was uploaded"),
        sa.Column("n", types.Count(), nullable=False),
        sa.Column("total", types.Fen(), nullable=False),
        sa.Column("funded", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("issued", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "0 <= issued AND issued <= funded AND funded <= total", name=op.f("issue_batch_issued_is_funded")
        ),
        sa.CheckConstraint("length(req_hash) = 32", name=op.f("issue_batch_request_digest_whole")),
        sa.CheckConstraint("n > 0 AND total > 0", name=op.f("issue_batch_not_empty")),
        sa.ForeignKeyConstraint(["line_id"], ["budget_line.id"], name=op.f("fk_issue_batch_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_batch")),
        sa.UniqueConstraint("id", "line_id", name=op.f("uq_issue_batch_id_line_id")),
        sa.UniqueConstraint("idem_scope", "idem_key", name=op.f("uq_issue_batch_idem_scope_idem_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_issue_batch_line_id"), "issue_batch", ["line_id"], unique=False)
    op.create_table(
        "line_bucket",
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("k", types.Count(), autoincrement=False, nullable=False),
        sa.Column("allotted", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("available", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("committed", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("lapsed", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("seq", types.Count(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "allotted >= 0 AND available >= 0 AND committed >= 0 AND lapsed >= 0 AND available + committed + lapsed = allotted AND seq >= 0",
            name=op.f("line_bucket_conserved"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["budget_line.id"], name=op.f("fk_line_bucket_line_id")),
        sa.PrimaryKeyConstraint("line_id", "k", name=op.f("pk_line_bucket")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_table(
        "commitment",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("issue_batch_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("currency", types.Name(), nullable=False),
        sa.Column("face", types.Fen(), nullable=False),
        sa.Column("available", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("payable", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("paid", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("recalled", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("clawed", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("seq", types.Count(), server_default=sa.text("0"), nullable=False),
        sa.Column("chain", types.Blob(), nullable=False, comment="hash of the last entry; at birth of the row"),
        sa.Column("last_day", types.Day(), nullable=False, comment="last day for new holds, Asia/Shanghai"),
        sa.Column(
            "frozen", types.Flag(), server_default=sa.text("false"), nullable=False, comment="no holds, no parts"
        ),
        sa.CheckConstraint("kind IN ('voucher', 'contract')", name=op.f("commitment_kind_known")),
        sa.CheckConstraint(
            "available >= 0 AND reserved >= 0 AND payable >= 0 AND paid >= 0 AND recalled >= 0 AND clawed >= 0 AND available + reserved + payable + paid + recalled + clawed = CASE WHEN seq = 0 THEN 0 ELSE face END AND seq >= 0",
            name=op.f("commitment_face_conserved"),
        ),
        sa.CheckConstraint("face > 0", name=op.f("commitment_face_positive")),
        sa.CheckConstraint("length(chain) = 32", name=op.f("commitment_chain_whole")),
        sa.ForeignKeyConstraint(
            ["issue_batch_id", "line_id"],
            ["issue_batch.id", "issue_batch.line_id"],
            name=op.f("fk_commitment_issue_batch_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "currency"],
            ["budget_line.id", "budget_line.currency"],
            name=op.f("fk_commitment_line_id_currency"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_commitment_id_kind")),
        sa.UniqueConstraint("id", "line_id", name=op.f("uq_commitment_id_line_id")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index("ix_commitment_batch", "commitment", ["issue_batch_id"], unique=False)
    op.create_index("ix_commitment_line", "commitment", ["line_id", "last_day"], unique=False)
    op.create_index("ix_commitment_pilot", "commitment", ["pilot_id"], unique=False)
    op.create_index(
        "ix_commitment_to_expire",
        "commitment",
        ["last_day", "id"],
        unique=False,
        postgresql_where=sa.text("available > 0"),
        sqlite_where=sa.text("available > 0"),
    )
    op.create_table(
        "claim",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column(
            "payee_organisation_id", types.ID(), nullable=False, comment="provider; in reimbursed mode the enterprise"
        ),
        sa.Column("mode", types.Choice(), nullable=False),
        sa.Column("state", types.Choice(), server_default=sa.text("'submitted'"), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("(mode = 'contract') = (kind = 'contract')", name=op.f("claim_contract_mode_iff_contract")),
        sa.CheckConstraint("kind IN ('voucher', 'contract')", name=op.f("claim_kind_known")),
        sa.CheckConstraint("mode IN ('direct', 'reimbursed', 'contract')", name=op.f("claim_mode_known")),
        sa.CheckConstraint(
            "state IN ('submitted', 'reviewed', 'approved', 'returned', 'rejected', 'paid')",
            name=op.f("claim_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id", "kind"], ["commitment.id", "commitment.kind"], name=op.f("fk_claim_commitment_id_kind")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id", "line_id"],
            ["commitment.id", "commitment.line_id"],
            name=op.f("fk_claim_commitment_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "fund_id"], ["budget_line.id", "budget_line.fund_id"], name=op.f("fk_claim_line_id_fund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("id", "commitment_id", name=op.f("uq_claim_id_commitment_id")),
        sa.UniqueConstraint("id", "fund_id", name=op.f("uq_claim_id_fund_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_claim_city", "claim", ["city", "state", "id"], unique=False)
    op.create_index("ix_claim_commitment", "claim", ["commitment_id"], unique=False)
    op.create_index("ix_claim_fund", "claim", ["fund_id", "state"], unique=False)
    op.create_index("ix_claim_payee", "claim", ["payee_organisation_id", "id"], unique=False)
    op.create_index("ix_claim_pilot", "claim", ["pilot_id", "state", "id"], unique=False)
    op.create_table(
        "direct_contract",
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("kind", types.Name(), server_default=sa.text("'contract'"), nullable=False),
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("document_hash", types.Blob(), nullable=False, comment="SHA-256 of the signed contract"),
        sa.Column("signed_on", types.Day(), nullable=False),
        sa.Column("issued_at", types.Instant(), nullable=False),
        sa.CheckConstraint("kind = 'contract'", name=op.f("direct_contract_of_a_contract")),
        sa.CheckConstraint("length(document_hash) = 32", name=op.f("direct_contract_document_digest_whole")),
        sa.ForeignKeyConstraint(
            ["commitment_id", "kind"],
            ["commitment.id", "commitment.kind"],
            name=op.f("fk_direct_contract_commitment_id_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id", "line_id"],
            ["commitment.id", "commitment.line_id"],
            name=op.f("fk_direct_contract_commitment_id_line_id"),
        ),
        sa.PrimaryKeyConstraint("commitment_id", name=op.f("pk_direct_contract")),
        sa.UniqueConstraint("pilot_id", "number", name=op.f("uq_direct_contract_pilot_id_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_direct_contract_provider", "direct_contract", ["provider_id", "commitment_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("posted", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("released", types.Fen(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", types.Choice(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("last_day", types.Day(), nullable=False, comment="last day on which a part may be redeemed"),
        sa.Column(
            "replaces", types.ID(), nullable=True, comment="the failed provider's hold that was transferred to this one"
        ),
        sa.Column("last_entry", types.Count(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (posted + released = amount)", name=op.f("hold_closed_iff_used_up")),
        sa.CheckConstraint("state IN ('new', 'pending', 'closed')", name=op.f("hold_state_known")),
        sa.CheckConstraint("amount > 0", name=op.f("hold_amount_positive")),
        sa.CheckConstraint(
            "posted >= 0 AND released >= 0 AND posted + released <= amount", name=op.f("hold_parts_within_amount")
        ),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_hold_commitment_id")),
        sa.ForeignKeyConstraint(["replaces"], ["hold.id"], name=op.f("fk_hold_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("replaces", name=op.f("uq_hold_replaces")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_index("ix_hold_commitment", "hold", ["commitment_id"], unique=False)
    op.create_index(
        "ix_hold_to_release",
        "hold",
        ["last_day", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "uq_hold_live",
        "hold",
        ["order_id", "commitment_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "voucher",
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("kind", types.Name(), server_default=sa.text("'voucher'"), nullable=False),
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("number", types.Name(), nullable=False, comment="bare Crockford symbols"),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("scheme_version_id", types.ID(), nullable=True),
        sa.Column("award_no", types.Count(), nullable=False, comment="1 for the first award of this line to it"),
        sa.Column("issued_at", types.Instant(), nullable=False),
        sa.CheckConstraint("kind = 'voucher'", name=op.f("voucher_of_a_voucher")),
        sa.ForeignKeyConstraint(
            ["commitment_id", "kind"], ["commitment.id", "commitment.kind"], name=op.f("fk_voucher_commitment_id_kind")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id", "line_id"],
            ["commitment.id", "commitment.line_id"],
            name=op.f("fk_voucher_commitment_id_line_id"),
        ),
        sa.PrimaryKeyConstraint("commitment_id", name=op.f("pk_voucher")),
        sa.UniqueConstraint(
            "line_id", "enterprise_id", "award_no", name=op.f("uq_voucher_line_id_enterprise_id_award_no")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_voucher_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_voucher_city", "voucher", ["city", "commitment_id"], unique=False)
    op.create_index("ix_voucher_enterprise", "voucher", ["enterprise_id", "commitment_id"], unique=False)
    op.create_index("ix_voucher_pilot", "voucher", ["pilot_id", "commitment_id"], unique=False)
    op.create_table(
        "batch_item",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("batch_id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("account_id", types.ID(), nullable=False, comment="the payee's account, pinned"),
        sa.Column("account", types.Json(), nullable=False, comment="holder, bank, number as they stood"),
        sa.Column("state", types.Choice(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("state IN ('open', 'paid', 'failed')", name=op.f("batch_item_state_known")),
        sa.CheckConstraint("amount > 0", name=op.f("batch_item_amount_positive")),
        sa.ForeignKeyConstraint(
            ["batch_id", "fund_id"],
            ["payment_batch.id", "payment_batch.fund_id"],
            name=op.f("fk_batch_item_batch_id_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["claim_id", "fund_id"], ["claim.id", "claim.fund_id"], name=op.f("fk_batch_item_claim_id_fund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_item")),
        sqlite_strict=True,
    )
    op.create_index("ix_batch_item_batch", "batch_item", ["batch_id", "id"], unique=False)
    op.create_index(
        "uq_batch_item_live",
        "batch_item",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'failed'"),
        sqlite_where=sa.text("state <> 'failed'"),
    )
    op.create_table(
        "claim_item",
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("redemption_id", types.Serial(), autoincrement=False, nullable=False),
        sa.Column("commitment_id", types.ID(), nullable=False),
        sa.Column("asked", types.Fen(), nullable=False),
        sa.Column("approved", types.Fen(), nullable=True, comment="what is left of it after the cuts"),
        sa.Column("cut_reasons", types.Json(), nullable=True, comment="list of {amount in fen, code, clause, reason}"),
        sa.Column("live", types.Flag(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(
            "approved IS NULL OR approved BETWEEN 0 AND asked", name=op.f("claim_item_approved_within_asked")
        ),
        sa.CheckConstraint("asked > 0", name=op.f("claim_item_asked_positive")),
        sa.ForeignKeyConstraint(
            ["claim_id", "commitment_id"],
            ["claim.id", "claim.commitment_id"],
            name=op.f("fk_claim_item_claim_id_commitment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id", "commitment_id"],
            ["redemption.entry_id", "redemption.commitment_id"],
            name=op.f("fk_claim_item_redemption_id_commitment_id"),
        ),
        sa.PrimaryKeyConstraint("claim_id", "redemption_id", name=op.f("pk_claim_item")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_claim_item_live",
        "claim_item",
        ["redemption_id"],
        unique=True,
        postgresql_where=sa.text("live"),
        sqlite_where=sa.text("live"),
    )
    op.create_table(
        "payout_attempt",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("batch_item_id", types.ID(), nullable=False),
        sa.Column("attempt_no", types.Count(), nullable=False),
        sa.Column("end_to_end_id", types.Name(), nullable=False),
        sa.Column("state", types.Choice(), server_default=sa.text("'prepared'"), nullable=False),
        sa.Column("bank_reference", types.Name(), nullable=True),
        sa.Column("reason", types.Name(), nullable=True, comment="what the bank said when it failed"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "state IN ('prepared', 'sent', 'confirmed', 'failed', 'unknown')", name=op.f("payout_attempt_state_known")
        ),
        sa.CheckConstraint("attempt_no > 0", name=op.f("payout_attempt_numbered_from_one")),
        sa.ForeignKeyConstraint(["batch_item_id"], ["batch_item.id"], name=op.f("fk_payout_attempt_batch_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_attempt")),
        sa.UniqueConstraint("batch_item_id", "attempt_no", name=op.f("uq_payout_attempt_batch_item_id_attempt_no")),
        sa.UniqueConstraint("end_to_end_id", name=op.f("uq_payout_attempt_end_to_end_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_payout_attempt_live",
        "payout_attempt",
        ["batch_item_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'failed'"),
        sqlite_where=sa.text("state <> 'failed'"),
    )
    # ### end Alembic commands ###
    # tables: end
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for table in STAMPED:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint")
    for statement in _guards(bind.dialect.name).values():
        bind.exec_driver_sql(statement)


def downgrade() -> None:
    # tables: begin
    op.drop_table("payout_attempt")
    op.drop_table("claim_item")
    op.drop_table("batch_item")
    op.drop_table("voucher")
    op.drop_table("hold")
    op.drop_table("direct_contract")
    op.drop_table("claim")
    op.drop_table("commitment")
    op.drop_table("line_bucket")
    op.drop_table("issue_batch")
    op.drop_table("fund_entry")
    op.drop_table("payment_batch")
    op.drop_table("budget_line")
    op.drop_table("redemption")
    op.drop_table("fund")
    op.drop_table("entry")
    op.drop_table("balance_snapshot")
    op.drop_table("balance_horizon")
    # ### end Alembic commands ###
    # tables: end
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for name, statement in reversed(_guards("postgresql").items()):
            if statement.startswith("CREATE FUNCTION"):
                op.execute(f"DROP FUNCTION {name}()")


def _guards(dialect: str) -> dict[str, str]:
    return named_statements((FROZEN / f"0003_ledger_{dialect}.sql").read_text(encoding="utf-8"))
