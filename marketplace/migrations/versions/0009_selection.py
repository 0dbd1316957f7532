"""Calls, applications, condition checks and standing"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0009_selection"
down_revision = "0008_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "dossier",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("founded_on", types.Day(), nullable=False, comment="as on the business licence"),
        sa.Column("staff", types.Count(), nullable=False),
        sa.Column("technical_staff", types.Count(), nullable=False),
        sa.Column("revenue_fen", types.Fen(), nullable=True, comment="of the last full year"),
        sa.Column("bad_credit", types.Flag(), nullable=False, comment="own statement: on the list of bad credit"),
        sa.Column("introduction", types.Name(), nullable=False),
        sa.Column("knowledge", types.Name(), nullable=False, comment="knowledge of the industry"),
        sa.Column("engineering", types.Name(), nullable=False, comment="ability to carry projects out"),
        sa.Column("ecosystem", types.Name(), nullable=False, comment="network of services"),
        sa.Column("continuity", types.Name(), nullable=False, comment="how it keeps serving"),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("staff >= 0 AND technical_staff >= 0", name=op.f("dossier_people_are_not_negative")),
        sa.CheckConstraint("technical_staff <= staff", name=op.f("dossier_technical_staff_within_staff")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_dossier_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_dossier_organisation_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "selection_call",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False, comment="GB/T 2260 code of the city"),
        sa.Column("number", types.Name(), nullable=False, comment="number of the document"),
        sa.Column("title", types.Name(), nullable=False),
        sa.Column("basis", types.Name(), nullable=False, comment="the policy the call carries out"),
        sa.Column("clause", types.Name(), nullable=False, comment="clause of the rule book"),
        sa.Column("edition_id", types.ID(), nullable=True),
        sa.Column("seats", types.Json(), nullable=False, comment="class → how many are sought"),
        sa.Column("industries", types.Json(), nullable=False, comment="GB/T 4754; empty: all"),
        sa.Column("conditions", types.Json(), nullable=False, comment="code, label, kind, fact, operator, value"),
        sa.Column("scoring", types.Json(), nullable=False, comment="code, label, max points"),
        sa.Column("tie_break", types.Json(), nullable=False, comment="criteria that part equal totals"),
        sa.Column("pass_line", types.Count(), nullable=False, comment="points of 100"),
        sa.Column("opens_on", types.Day(), nullable=False, comment="first day, from midnight in Shanghai"),
        sa.Column("closes_on", types.Day(), nullable=False, comment="last day, to its last second"),
        sa.Column("publicity_days", types.Count(), nullable=False, comment="working days of the notice"),
        sa.Column("term_years", types.Count(), nullable=False, comment="years on the list"),
        sa.Column("materials", types.Name(), nullable=False, comment="what is to be handed in"),
        sa.Column("duties", types.Name(), nullable=False, comment="what the chosen must do"),
        sa.Column("contact", types.Name(), nullable=False, comment="where questions and objections go"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("drafted_by", types.ID(), nullable=True),
        sa.Column("published_at", types.Instant(), nullable=True),
        sa.Column("end_reason", types.Name(), nullable=True, comment="why it was cancelled"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'cancelled') = (end_reason IS NOT NULL)", name=op.f("selection_call_cancelled_with_a_reason")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR published_at IS NOT NULL",
            name=op.f("selection_call_public_when_published"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'closed', 'reviewing', 'in_publicity', 'cleared', 'decided', 'cancelled')",
            name=op.f("selection_call_state_known"),
        ),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("selection_call_period_runs_forward")),
        sa.CheckConstraint("pass_line BETWEEN 0 AND 100", name=op.f("selection_call_pass_line_within_hundred")),
        sa.CheckConstraint("publicity_days >= 1", name=op.f("selection_call_publicity_has_a_working_day")),
        sa.CheckConstraint("term_years BETWEEN 1 AND 10", name=op.f("selection_call_term_within_ten_years")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_selection_call_drafted_by")),
        sa.ForeignKeyConstraint(["edition_id"], ["book_edition.id"], name=op.f("fk_selection_call_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_call")),
        sa.UniqueConstraint("city", "number", name=op.f("uq_selection_call_city_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_selection_call_city_state", "selection_call", ["city", "state"], unique=False)
    op.create_index("ix_selection_call_opens_on_id", "selection_call", ["opens_on", "id"], unique=False)
    op.create_index("ix_selection_call_state_closes_on", "selection_call", ["state", "closes_on"], unique=False)
    op.create_table(
        "standing_measure",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("entry_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("clause", types.Name(), nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("due_on", types.Day(), nullable=True, comment="last day of a rectification"),
        sa.Column("decided_by", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(kind = 'rectify') = (due_on IS NOT NULL)", name=op.f("standing_measure_rectification_has_a_deadline")
        ),
        sa.CheckConstraint(
            "kind IN ('warn', 'rectify', 'suspend', 'lift', 'remove')", name=op.f("standing_measure_kind_known")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_standing_measure_decided_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["roster_entry.id"], name=op.f("fk_standing_measure_entry_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_standing_measure_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_measure")),
        sqlite_strict=True,
    )
    op.create_index("ix_standing_measure_city_id", "standing_measure", ["city", "id"], unique=False)
    op.create_index("ix_standing_measure_entry_id_id", "standing_measure", ["entry_id", "id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("call_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("applicant_organisation_id", types.ID(), nullable=False),
        sa.Column("subject_kind", types.Name(), nullable=False, comment="what is applied for: provider, pilot"),
        sa.Column("subject_id", types.ID(), nullable=False),
        sa.Column("klass", types.Choice(), nullable=False),
        sa.Column("industries", types.Json(), nullable=False),
        sa.Column("proposal", types.Name(), nullable=False, comment="how it will serve: products, prices"),
        sa.Column("dossier", types.Json(), nullable=True, comment="copy of the dossier as submitted"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("promised_by", types.ID(), nullable=True, comment="promise of truth"),
        sa.Column("submitted_at", types.Instant(), nullable=True, comment="first submission"),
        sa.Column("opened_at", types.Instant(), nullable=True, comment="since when others than it may read"),
        sa.Column("supplement_until", types.Day(), nullable=True, comment="last day of a supplement"),
        sa.Column("note", types.Name(), nullable=True, comment="what the applicant is told: supplement, reason"),
        sa.Column("score", types.Count(), nullable=True, comment="hundredths of a point"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("klass IN ('integrated', 'product', 'chain_leader')", name=op.f("application_klass_known")),
        sa.CheckConstraint(
            "state <> 'returned' OR supplement_until IS NOT NULL", name=op.f("application_supplement_has_a_deadline")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'qualified', 'unqualified', 'scored', 'proposed', 'selected', 'not_selected', 'withdrawn')",
            name=op.f("application_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (dossier IS NOT NULL AND submitted_at IS NOT NULL)",
            name=op.f("application_submitted_with_a_dossier"),
        ),
        sa.CheckConstraint("subject_kind IN ('provider', 'pilot')", name=op.f("application_subject_known")),
        sa.ForeignKeyConstraint(
            ["applicant_organisation_id"], ["organisation.id"], name=op.f("fk_application_applicant_organisation_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["selection_call.id"], name=op.f("fk_application_call_id")),
        sa.ForeignKeyConstraint(["promised_by"], ["person.id"], name=op.f("fk_application_promised_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sqlite_strict=True,
    )
    op.create_index("ix_application_applicant", "application", ["applicant_organisation_id", "id"], unique=False)
    op.create_index("ix_application_call_id_state", "application", ["call_id", "state"], unique=False)
    op.create_index("ix_application_city", "application", ["city", "id"], unique=False)
    op.create_index(
        "uq_application_live",
        "application",
        ["call_id", "applicant_organisation_id", "klass"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "dossier_case",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("dossier_id", types.ID(), nullable=False),
        sa.Column("client_name", types.Name(), nullable=False),
        sa.Column("industry", types.Name(), nullable=False, comment="GB/T 4754 division"),
        sa.Column("title", types.Name(), nullable=False),
        sa.Column("finished_on", types.Day(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=True, comment="of the contract"),
        sa.Column("effect", types.Name(), nullable=False),
        sa.Column("contact", types.Name(), nullable=False, comment="personal data: whom to ask at the client"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_case_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_case")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_dossier_case_dossier_id"), "dossier_case", ["dossier_id"], unique=False)
    op.create_table(
        "dossier_proof",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("dossier_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("number", types.Name(), nullable=False, comment="registration number, or empty"),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "kind IN ('licence', 'copyright', 'patent', 'qualification', 'case', 'team', 'finance', 'other')",
            name=op.f("dossier_proof_kind_known"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_dossier_proof_document_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_proof_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_proof")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_dossier_proof_dossier_id"), "dossier_proof", ["dossier_id"], unique=False)
    op.create_table(
        "condition_check",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("application_id", types.ID(), nullable=False),
        sa.Column("position", types.Count(), nullable=False),
        sa.Column("code", types.Name(), nullable=False),
        sa.Column("label", types.Name(), nullable=False),
        sa.Column("machine", types.Choice(), nullable=False),
        sa.Column("needed", types.Count(), nullable=True, comment="the number the condition asks for"),
        sa.Column("actual", types.Count(), nullable=True, comment="what the machine found"),
        sa.Column("decision", types.Choice(), nullable=True, comment="pass or fail; the machine's until changed"),
        sa.Column("reason", types.Name(), nullable=True),
        sa.Column("decided_by", types.ID(), nullable=True, comment="empty: the machine"),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('pass', 'fail')", name=op.f("condition_check_decision_is_yes_or_no")
        ),
        sa.CheckConstraint("machine IN ('pass', 'fail', 'person')", name=op.f("condition_check_machine_known")),
        sa.CheckConstraint(
            "decision = machine OR decision IS NULL OR reason IS NOT NULL",
            name=op.f("condition_check_other_decision_has_reason"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_condition_check_application_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_condition_check_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_check")),
        sa.UniqueConstraint("application_id", "code", name=op.f("uq_condition_check_application_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "ranking",
        sa.Column("application_id", types.ID(), nullable=False),
        sa.Column("call_id", types.ID(), nullable=False),
        sa.Column("klass", types.Choice(), nullable=False),
        sa.Column("place", types.Count(), nullable=False, comment="equal ones share a place"),
        sa.Column("score", types.Count(), nullable=False, comment="hundredths of a point"),
        sa.Column("passed", types.Flag(), nullable=False, comment="reaches the pass line"),
        sa.Column("proposed", types.Flag(), nullable=False),
        sa.Column("made_by", types.ID(), nullable=True),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.CheckConstraint("passed OR NOT proposed", name=op.f("ranking_proposed_only_above_the_line")),
        sa.CheckConstraint("place >= 1", name=op.f("ranking_places_begin_at_one")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_ranking_application_id")),
        sa.ForeignKeyConstraint(["call_id"], ["selection_call.id"], name=op.f("fk_ranking_call_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_ranking_made_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_ranking")),
        sqlite_strict=True,
    )
    op.create_index("ix_ranking_call_id_klass_place", "ranking", ["call_id", "klass", "place"], unique=False)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("ranking")
    op.drop_table("condition_check")
    op.drop_table("dossier_proof")
    op.drop_table("dossier_case")
    op.drop_table("application")
    op.drop_table("standing_measure")
    op.drop_table("selection_call")
    op.drop_table("dossier")
    # ### end Alembic commands ###
    # tables: end
