"""Programmes, pilots, members and levels"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0006_pilots"
down_revision = "0005_procedure"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "programme",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("code", types.Name(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("region", types.Name(), nullable=False, comment="the province"),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("industry_department_id", types.ID(), nullable=False, comment="leads review, proposes money"),
        sa.Column("finance_department_id", types.ID(), nullable=False, comment="decides and releases money"),
        sa.Column("publicity_days", types.Count(), nullable=False, comment="working days of the public notice"),
        sa.Column("opened_by", types.ID(), nullable=True, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("industry_department_id <> finance_department_id", name=op.f("programme_two_departments")),
        sa.CheckConstraint("publicity_days > 0", name=op.f("programme_publicity_takes_working_days")),
        sa.ForeignKeyConstraint(["edition_id"], ["book_edition.id"], name=op.f("fk_programme_edition_id")),
        sa.ForeignKeyConstraint(
            ["finance_department_id"], ["organisation.id"], name=op.f("fk_programme_finance_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["industry_department_id"], ["organisation.id"], name=op.f("fk_programme_industry_department_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_programme_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "programme_batch",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("programme_id", types.ID(), nullable=False),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("number", types.Count(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("region", types.Name(), nullable=False, comment="the province, from the programme"),
        sa.Column("book_batch", types.Name(), nullable=True, comment="its key in the book, where the book has it"),
        sa.Column("applications_until", types.Day(), nullable=True, comment="last day for recommendations"),
        sa.Column("year1_end", types.Day(), nullable=False),
        sa.Column("year2_end", types.Day(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("number > 0", name=op.f("programme_batch_number_counts_from_one")),
        sa.CheckConstraint("year1_end < year2_end", name=op.f("programme_batch_year_one_ends_before_year_two")),
        sa.ForeignKeyConstraint(["edition_id"], ["book_edition.id"], name=op.f("fk_programme_batch_edition_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_batch_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_batch")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_programme_batch_programme_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "pilot",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("programme_id", types.ID(), nullable=False),
        sa.Column("batch_id", types.ID(), nullable=False),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("type", types.Name(), nullable=False, comment="pilot type of the book: zone, county"),
        sa.Column("klass", types.Name(), nullable=False, comment="class of the book: county_3"),
        sa.Column("region", types.Name(), nullable=False, comment="the area"),
        sa.Column("city", types.Name(), nullable=False, comment="GB/T 2260 code of the prefecture city"),
        sa.Column("office_organisation_id", types.ID(), nullable=False, comment="the pilot office"),
        sa.Column("focus_kind", types.Name(), nullable=False),
        sa.Column("focus", types.Name(), nullable=False, comment="the named cluster, or the chosen chain"),
        sa.Column("target_enterprises", types.Count(), nullable=False, comment="to be renovated, by its plan"),
        sa.Column("plan_document_id", types.ID(), nullable=False, comment="the pilot plan"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("nominated_by", types.ID(), nullable=True, comment="person"),
        sa.Column("reviewed_on", types.Day(), nullable=True),
        sa.Column("review_note", types.Name(), nullable=True, comment="opinion of the experts, advice on the plan"),
        sa.Column("notice_id", types.ID(), nullable=True, comment="the public notice"),
        sa.Column("cleared_on", types.Day(), nullable=True),
        sa.Column("award_fen", types.Fen(), nullable=True),
        sa.Column("approved_on", types.Day(), nullable=True),
        sa.Column("approved_by", types.ID(), nullable=True, comment="person"),
        sa.Column("state_reason", types.Name(), nullable=True, comment="why declined, suspended, resumed or closed"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state IN ('approved', 'suspended', 'closed')) = (award_fen IS NOT NULL AND approved_on IS NOT NULL)",
            name=op.f("pilot_approved_iff_award_and_day"),
        ),
        sa.CheckConstraint("focus_kind IN ('cluster', 'chain')", name=op.f("pilot_focus_is_a_cluster_or_a_chain")),
        sa.CheckConstraint(
            "state IN ('nominated', 'reviewed', 'in_publicity', 'cleared', 'approved', 'suspended', 'closed', 'not_approved', 'withdrawn')",
            name=op.f("pilot_state_known"),
        ),
        sa.CheckConstraint("award_fen IS NULL OR award_fen > 0", name=op.f("pilot_award_is_positive")),
        sa.CheckConstraint("target_enterprises > 0", name=op.f("pilot_target_counts_enterprises")),
        sa.ForeignKeyConstraint(["batch_id"], ["programme_batch.id"], name=op.f("fk_pilot_batch_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["book_edition.id"], name=op.f("fk_pilot_edition_id")),
        sa.ForeignKeyConstraint(
            ["office_organisation_id"], ["organisation.id"], name=op.f("fk_pilot_office_organisation_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_pilot_programme_id")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_pilot_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot")),
        sqlite_strict=True,
    )
    op.create_index("ix_pilot_city", "pilot", ["city", "state", "created_at", "id"], unique=False)
    op.create_index("ix_pilot_newest", "pilot", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_pilot_notice_id"), "pilot", ["notice_id"], unique=False)
    op.create_index(op.f("ix_pilot_office_organisation_id"), "pilot", ["office_organisation_id"], unique=False)
    op.create_index("ix_pilot_quota", "pilot", ["batch_id", "type", "city"], unique=False)
    op.create_index(
        "uq_pilot_area_once",
        "pilot",
        ["programme_id", "region"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('not_approved', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('not_approved', 'withdrawn')"),
    )
    op.create_table(
        "level_record",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=True, comment="for which it was made"),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("scale", types.Name(), nullable=False, comment="code of the book's scale: jiangxi"),
        sa.Column("version", types.Name(), nullable=False, comment="edition of the scale that was used"),
        sa.Column("value", types.Name(), nullable=False, comment="step of the scale: L6"),
        sa.Column("rank", types.Count(), nullable=False, comment="its place on the scale, lowest 1"),
        sa.Column("assessor", types.Name(), nullable=False, comment="who assessed"),
        sa.Column("assessed_on", types.Day(), nullable=False),
        sa.Column("evidence_document_id", types.ID(), nullable=True),
        sa.Column("recorded_by", types.ID(), nullable=True, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("rank > 0", name=op.f("level_record_rank_counts_from_one")),
        sa.ForeignKeyConstraint(["edition_id"], ["book_edition.id"], name=op.f("fk_level_record_edition_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_level_record_enterprise_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_level_record_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_record")),
        sqlite_strict=True,
    )
    op.create_index("ix_level_record_city", "level_record", ["city", "created_at", "id"], unique=False)
    op.create_index(
        "ix_level_record_latest", "level_record", ["enterprise_id", "scale", "assessed_on", "created_at"], unique=False
    )
    op.create_index("ix_level_record_newest", "level_record", ["created_at", "id"], unique=False)
    op.create_table(
        "member",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("programme_id", types.ID(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False, comment="of the pilot"),
        sa.Column("chain_or_cluster", types.Name(), nullable=False),
        sa.Column("key_enterprise", types.Flag(), nullable=False, comment="key one of the cluster (四(二))"),
        sa.Column("key_link", types.Flag(), nullable=False, comment="key link of the chain (二(一))"),
        sa.Column("baseline_level", types.Name(), nullable=True, comment="before the renovation"),
        sa.Column("target_level", types.Name(), nullable=False, comment="after it: at least what the book demands"),
        sa.Column("urgency", types.Count(), nullable=False, comment="order of need: 1 first (二(一))"),
        sa.Column("note", types.Name(), nullable=True, comment="why this enterprise"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("nominated_by", types.ID(), nullable=True, comment="person"),
        sa.Column("confirmed_by", types.ID(), nullable=True, comment="person"),
        sa.Column("confirmed_at", types.Instant(), nullable=True),
        sa.Column("withdrawal_reason", types.Name(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawal_reason IS NOT NULL)", name=op.f("member_withdrawn_iff_reason")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL", name=op.f("member_confirmed_has_a_moment")
        ),
        sa.CheckConstraint("state IN ('nominated', 'confirmed', 'withdrawn')", name=op.f("member_state_known")),
        sa.CheckConstraint("urgency > 0", name=op.f("member_urgency_counts_from_one")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_member_enterprise_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_member_pilot_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_member_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sqlite_strict=True,
    )
    op.create_index("ix_member_city", "member", ["city", "created_at", "id"], unique=False)
    op.create_index("ix_member_enterprise", "member", ["enterprise_id"], unique=False)
    op.create_index("ix_member_newest", "member", ["created_at", "id"], unique=False)
    op.create_index("ix_member_pilot_state", "member", ["pilot_id", "state"], unique=False)
    op.create_index("ix_member_urgency", "member", ["pilot_id", "urgency", "created_at", "id"], unique=False)
    op.create_index(
        "uq_member_live_once",
        "member",
        ["programme_id", "enterprise_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "mid_term_evaluation",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("grade", types.Choice(), nullable=False),
        sa.Column("evaluated_on", types.Day(), nullable=False),
        sa.Column("comment", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("evaluated_by", types.ID(), nullable=True, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "grade IN ('excellent', 'good', 'pass', 'fail')", name=op.f("mid_term_evaluation_grade_known")
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_mid_term_evaluation_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mid_term_evaluation")),
        sa.UniqueConstraint("pilot_id", name=op.f("uq_mid_term_evaluation_pilot_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "pilot_declaration",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("condition", types.Name(), nullable=False, comment="code of the book"),
        sa.Column("clause", types.Name(), nullable=False),
        sa.Column("statement", types.Name(), nullable=False, comment="how the condition is met"),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("declared_by", types.ID(), nullable=True, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("length(statement) > 0", name=op.f("pilot_declaration_statement_says_something")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_declaration_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_declaration")),
        sa.UniqueConstraint("pilot_id", "condition", name=op.f("uq_pilot_declaration_pilot_id_condition")),
        sqlite_strict=True,
    )
    op.create_table(
        "pilot_recommendation",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("position", types.Count(), nullable=False, comment="place in the book's list of departments"),
        sa.Column("department", types.Name(), nullable=False),
        sa.Column("letter_number", types.Name(), nullable=False, comment="number of the official letter (文号)"),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_recommendation_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_recommendation")),
        sa.UniqueConstraint("pilot_id", "position", name=op.f("uq_pilot_recommendation_pilot_id_position")),
        sqlite_strict=True,
    )
    op.create_table(
        "plan_change",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("title", types.Name(), nullable=False),
        sa.Column("text", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("requested_by", types.ID(), nullable=True, comment="person"),
        sa.Column("decided_by", types.ID(), nullable=True, comment="person"),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("decision_reason", types.Name(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'requested') = (decided_at IS NULL)", name=op.f("plan_change_decided_iff_not_requested")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR decision_reason IS NOT NULL", name=op.f("plan_change_rejected_with_reason")
        ),
        sa.CheckConstraint("state IN ('requested', 'approved', 'rejected')", name=op.f("plan_change_state_known")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_plan_change_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
        sqlite_strict=True,
    )
    op.create_index("ix_plan_change_pilot", "plan_change", ["pilot_id", "created_at", "id"], unique=False)
    op.create_table(
        "tranche",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("number", types.Count(), nullable=False),
        sa.Column("book_tranche", types.Name(), nullable=False, comment="code of the book: first, second"),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("proposed_by", types.ID(), nullable=True, comment="person"),
        sa.Column("released_by", types.ID(), nullable=True, comment="person, of the other department"),
        sa.Column("released_at", types.Instant(), nullable=True),
        sa.Column("released_on", types.Day(), nullable=True),
        sa.Column("release_number", types.Name(), nullable=True, comment="number of the official letter (文号)"),
        sa.Column("received_by", types.ID(), nullable=True, comment="person"),
        sa.Column("received_at", types.Instant(), nullable=True),
        sa.Column("received_on", types.Day(), nullable=True, comment="the day the bank credited it"),
        sa.Column("bank_reference", types.Name(), nullable=True),
        sa.Column("refusal_reason", types.Name(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'received') = (received_on IS NOT NULL AND received_at IS NOT NULL AND bank_reference IS NOT NULL)",
            name=op.f("tranche_received_iff_day_and_reference"),
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal_reason IS NOT NULL)", name=op.f("tranche_refused_iff_reason")
        ),
        sa.CheckConstraint(
            "(state IN ('released', 'received')) = (released_on IS NOT NULL AND released_at IS NOT NULL AND release_number IS NOT NULL)",
            name=op.f("tranche_released_iff_day_and_number"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'released', 'received', 'refused')", name=op.f("tranche_state_known")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("tranche_amount_is_positive")),
        sa.CheckConstraint("number > 0", name=op.f("tranche_number_counts_from_one")),
        sa.CheckConstraint(
            "received_on IS NULL OR received_on >= released_on", name=op.f("tranche_received_after_release")
        ),
        sa.CheckConstraint(
            "released_by IS NULL OR released_by <> proposed_by", name=op.f("tranche_releaser_is_not_proposer")
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_tranche_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tranche")),
        sqlite_strict=True,
    )
    op.create_index("ix_tranche_waiting", "tranche", ["state", "city", "created_at"], unique=False)
    op.create_index(
        "uq_tranche_number",
        "tranche",
        ["pilot_id", "number"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_index("uq_tranche_reference", "tranche", ["pilot_id", "bank_reference"], unique=True)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("tranche")
    op.drop_table("plan_change")
    op.drop_table("pilot_recommendation")
    op.drop_table("pilot_declaration")
    op.drop_table("mid_term_evaluation")
    op.drop_table("member")
    op.drop_table("level_record")
    op.drop_table("pilot")
    op.drop_table("programme_batch")
    op.drop_table("programme")
    # ### end Alembic commands ###
    # tables: end
