"""Panels, scores, public notices and objections"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0005_procedure"
down_revision = "0004_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "expert",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False, comment="whose pool; 360000: the province's"),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("fields", types.Json(), nullable=False, comment="fields of expertise"),
        sa.Column("title", types.Name(), nullable=False, comment="professional title"),
        sa.Column("active", types.Flag(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_expert_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("person_id", name=op.f("uq_expert_person_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_expert_city"), "expert", ["city"], unique=False)
    op.create_table(
        "panel",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("subject_kind", types.Name(), nullable=False),
        sa.Column("subject_id", types.ID(), nullable=False),
        sa.Column("title", types.Name(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("size", types.Count(), nullable=False),
        sa.Column("criteria", types.Json(), nullable=False, comment="code, label, max"),
        sa.Column("draw", types.Json(), nullable=False, comment="pool, excluded, drawn"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("drawn_by", types.ID(), nullable=True),
        sa.Column("closed_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("panel_closed_iff_it_has_a_time")),
        sa.CheckConstraint("state IN ('drawn', 'scoring', 'closed')", name=op.f("panel_state_known")),
        sa.CheckConstraint("size >= 5 AND size % 2 = 1", name=op.f("panel_size_is_odd_and_at_least_five")),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_panel_drawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
        sqlite_strict=True,
    )
    op.create_index("ix_panel_city_state", "panel", ["city", "state"], unique=False)
    op.create_index("ix_panel_subject", "panel", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "public_notice",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("subject_kind", types.Name(), nullable=False, comment="what it is about: call, pilot, …"),
        sa.Column("subject_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False, comment="GB/T 2260 code of the city"),
        sa.Column("title", types.Name(), nullable=False),
        sa.Column("body", types.Name(), nullable=False),
        sa.Column("clause", types.Name(), nullable=True, comment="what asks for the notice: 五(三), 二(四)"),
        sa.Column("starts_on", types.Day(), nullable=False, comment="the day of publication; not counted"),
        sa.Column("working_days", types.Count(), nullable=False),
        sa.Column("ends_on", types.Day(), nullable=False, comment="last day, inclusive; never moves"),
        sa.Column("provisional", types.Flag(), nullable=False, comment="holidays were not known at publication"),
        sa.Column("ruling_days", types.Count(), nullable=False, comment="working days to answer an objection"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("published_by", types.ID(), nullable=True),
        sa.Column("ended_at", types.Instant(), nullable=True, comment="cleared, stopped or withdrawn at"),
        sa.Column("ended_reason", types.Name(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state IN ('open', 'objected')) = (ended_at IS NULL)", name=op.f("public_notice_running_iff_not_ended")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'objected', 'cleared', 'stopped', 'withdrawn')", name=op.f("public_notice_state_known")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("public_notice_period_runs_forward")),
        sa.CheckConstraint("ruling_days >= 1", name=op.f("public_notice_ruling_has_a_working_day")),
        sa.CheckConstraint("working_days >= 1", name=op.f("public_notice_period_has_a_working_day")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_public_notice_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
        sqlite_strict=True,
    )
    op.create_index("ix_public_notice_city_state", "public_notice", ["city", "state"], unique=False)
    op.create_index("ix_public_notice_starts_on_id", "public_notice", ["starts_on", "id"], unique=False)
    op.create_index(
        "uq_public_notice_running",
        "public_notice",
        ["subject_kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'objected')"),
        postgresql_where=sa.text("state IN ('open', 'objected')"),
    )
    op.create_table(
        "expert_employment",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("expert_id", types.ID(), nullable=False),
        sa.Column("employer_uscc", types.Name(), nullable=False),
        sa.Column("employer_name", types.Name(), nullable=False),
        sa.Column("from_day", types.Day(), nullable=True),
        sa.Column("until_day", types.Day(), nullable=True, comment="empty: employed there now"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "until_day IS NULL OR from_day IS NULL OR until_day >= from_day",
            name=op.f("expert_employment_runs_forward"),
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_employment_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_employment")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_expert_employment_employer_uscc"), "expert_employment", ["employer_uscc"], unique=False)
    op.create_index(op.f("ix_expert_employment_expert_id"), "expert_employment", ["expert_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("notice_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("receipt", types.Name(), nullable=False, comment="number to ask the answer with"),
        sa.Column("item_id", types.ID(), nullable=True, comment="the entry objected to; empty: the whole"),
        sa.Column("name", types.Name(), nullable=False, comment="personal data"),
        sa.Column("contact", types.Name(), nullable=False, comment="personal data: telephone or e-mail"),
        sa.Column("text", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("due_on", types.Day(), nullable=False, comment="last day for the ruling"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("ruling", types.Name(), nullable=True, comment="the reasoned answer, shown in public"),
        sa.Column("ruled_by", types.ID(), nullable=True),
        sa.Column("ruled_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'open') = (ruling IS NULL) AND (state = 'open') = (ruled_at IS NULL)",
            name=op.f("objection_ruled_with_a_reason"),
        ),
        sa.CheckConstraint("state IN ('open', 'dismissed', 'upheld')", name=op.f("objection_state_known")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_objection_document_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_objection_notice_id")),
        sa.ForeignKeyConstraint(["ruled_by"], ["person.id"], name=op.f("fk_objection_ruled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("receipt", name=op.f("uq_objection_receipt")),
        sqlite_strict=True,
    )
    op.create_index("ix_objection_city_state_due_on", "objection", ["city", "state", "due_on"], unique=False)
    op.create_index(op.f("ix_objection_notice_id"), "objection", ["notice_id"], unique=False)
    op.create_table(
        "panel_candidate",
        sa.Column("panel_id", types.ID(), nullable=False),
        sa.Column("candidate_id", types.ID(), nullable=False, comment="application, plan, …"),
        sa.Column("organisation_id", types.ID(), nullable=True),
        sa.Column("position", types.Count(), nullable=False),
        sa.Column("label", types.Name(), nullable=False),
        sa.Column("url", types.Name(), nullable=False, comment="where its file is read"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_panel_candidate_organisation_id")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_candidate_panel_id")),
        sa.PrimaryKeyConstraint("panel_id", "candidate_id", name=op.f("pk_panel_candidate")),
        sa.UniqueConstraint("panel_id", "position", name=op.f("uq_panel_candidate_panel_id_position")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_panel_candidate_candidate_id"), "panel_candidate", ["candidate_id"], unique=False)
    op.create_table(
        "panel_result",
        sa.Column("panel_id", types.ID(), nullable=False),
        sa.Column("candidate_id", types.ID(), nullable=False),
        sa.Column("mean", types.Count(), nullable=False, comment="hundredths, after dropping the extremes"),
        sa.Column("spread", types.Count(), nullable=False, comment="hundredths, highest less lowest sheet"),
        sa.Column("sheets", types.Count(), nullable=False, comment="valid score sheets"),
        sa.Column("means", types.Json(), nullable=False, comment="mean per criterion, hundredths"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_result_panel_id")),
        sa.PrimaryKeyConstraint("panel_id", "candidate_id", name=op.f("pk_panel_result")),
        sqlite_strict=True,
    )
    op.create_table(
        "panel_seat",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("panel_id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("position", types.Count(), nullable=False, comment="order of the draw"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("reason", types.Name(), nullable=True, comment="of the conflict or the excuse"),
        sa.Column("declared_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("state IN ('drawn', 'clear', 'conflicted', 'excused')", name=op.f("panel_seat_state_known")),
        sa.CheckConstraint(
            "state NOT IN ('conflicted', 'excused') OR reason IS NOT NULL", name=op.f("panel_seat_leaving_has_a_reason")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_seat_panel_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_panel_seat_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_seat")),
        sa.UniqueConstraint("panel_id", "person_id", name=op.f("uq_panel_seat_panel_id_person_id")),
        sa.UniqueConstraint("panel_id", "position", name=op.f("uq_panel_seat_panel_id_position")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_panel_seat_person_id"), "panel_seat", ["person_id"], unique=False)
    op.create_table(
        "public_notice_item",
        sa.Column("notice_id", types.ID(), nullable=False),
        sa.Column("item_id", types.ID(), nullable=False, comment="application, pilot, …"),
        sa.Column("position", types.Count(), nullable=False),
        sa.Column("title", types.Name(), nullable=False),
        sa.Column("detail", types.Name(), nullable=False),
        sa.Column("struck_reason", types.Name(), nullable=True, comment="why an upheld objection took it off"),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_public_notice_item_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "item_id", name=op.f("pk_public_notice_item")),
        sa.UniqueConstraint("notice_id", "position", name=op.f("uq_public_notice_item_notice_id_position")),
        sqlite_strict=True,
    )
    op.create_table(
        "panel_score",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("panel_id", types.ID(), nullable=False),
        sa.Column("seat_id", types.ID(), nullable=False),
        sa.Column("candidate_id", types.ID(), nullable=False),
        sa.Column("criterion", types.Name(), nullable=False),
        sa.Column("points", types.Count(), nullable=False, comment="hundredths of a point"),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("superseded_at", types.Instant(), nullable=True, comment="when a later score replaced it"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("reason <> ''", name=op.f("panel_score_points_have_a_reason")),
        sa.CheckConstraint("points >= 0", name=op.f("panel_score_points_are_not_negative")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_score_panel_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["panel_seat.id"], name=op.f("fk_panel_score_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_score")),
        sqlite_strict=True,
    )
    op.create_index("ix_panel_score_panel_id_candidate_id", "panel_score", ["panel_id", "candidate_id"], unique=False)
    op.create_index(
        "uq_panel_score_current",
        "panel_score",
        ["seat_id", "candidate_id", "criterion"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("panel_score")
    op.drop_table("public_notice_item")
    op.drop_table("panel_seat")
    op.drop_table("panel_result")
    op.drop_table("panel_candidate")
    op.drop_table("objection")
    op.drop_table("expert_employment")
    op.drop_table("public_notice")
    op.drop_table("panel")
    op.drop_table("expert")
    # ### end Alembic commands ###
    # tables: end
