"""Who may sell, and what is on offer"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0007_roster_catalogue"
down_revision = "0006_pilots"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "edition": "id = NEW.id OR (product_id = NEW.product_id AND number = NEW.number)",
    "package": "id = NEW.id OR (edition_id = NEW.edition_id AND position = NEW.position)",
}


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "product",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("draft", types.Json(), nullable=False, comment="the next edition while it is written"),
        sa.Column("editions", types.Count(), nullable=False, comment="how many were published"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_product_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sqlite_strict=True,
    )
    op.create_index("ix_product_provider_newest", "product", ["provider_id", "created_at", "id"], unique=False)
    op.create_table(
        "roster_entry",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False, comment="GB/T 2260 code of the city"),
        sa.Column("klass", types.Choice(), nullable=False),
        sa.Column("call_id", types.ID(), nullable=False, comment="the call that chose it"),
        sa.Column("application_id", types.ID(), nullable=False),
        sa.Column("certificate_number", types.Name(), nullable=False, comment="Crockford base32"),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_until", types.Day(), nullable=False, comment="last day, inclusive"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("state_since", types.Day(), nullable=False),
        sa.Column("state_reason", types.Name(), nullable=True, comment="why it left the plain state; shown in public"),
        sa.Column("state_clause", types.Name(), nullable=True),
        sa.Column("rectify_by", types.Day(), nullable=True, comment="last day of a rectification"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("klass IN ('integrated', 'product', 'chain_leader')", name=op.f("roster_entry_klass_known")),
        sa.CheckConstraint(
            "state <> 'rectifying' OR rectify_by IS NOT NULL", name=op.f("roster_entry_rectification_has_a_deadline")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'ended') OR (state_reason IS NOT NULL AND state_clause IS NOT NULL)",
            name=op.f("roster_entry_measure_has_reason_and_clause"),
        ),
        sa.CheckConstraint(
            "state IN ('active', 'warned', 'rectifying', 'suspended', 'removed', 'ended')",
            name=op.f("roster_entry_state_known"),
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("roster_entry_term_runs_forward")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_roster_entry_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint("application_id", name=op.f("uq_roster_entry_application_id")),
        sa.UniqueConstraint("certificate_number", name=op.f("uq_roster_entry_certificate_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_roster_entry_call_id"), "roster_entry", ["call_id"], unique=False)
    op.create_index("ix_roster_entry_city_valid_from_id", "roster_entry", ["city", "valid_from", "id"], unique=False)
    op.create_index("ix_roster_entry_valid_until", "roster_entry", ["valid_until"], unique=False)
    op.create_index(
        "uq_roster_entry_standing",
        "roster_entry",
        ["provider_id", "city", "klass"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('removed', 'ended')"),
        postgresql_where=sa.text("state NOT IN ('removed', 'ended')"),
    )
    op.create_table(
        "edition",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("product_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("number", types.Count(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("klass", types.Choice(), nullable=False, comment="class in which its provider is chosen"),
        sa.Column("summary", types.Name(), nullable=False),
        sa.Column("scenarios", types.Json(), nullable=False, comment="codes of the sixteen scenarios"),
        sa.Column("industries", types.Json(), nullable=False, comment="GB/T 4754 divisions"),
        sa.Column("deployment", types.Choice(), nullable=False),
        sa.Column("delivery_days", types.Count(), nullable=False),
        sa.Column("small", types.Name(), nullable=False, comment="evidence that it is small (小型化)"),
        sa.Column("fast", types.Name(), nullable=False, comment="evidence that it is fast (快速化)"),
        sa.Column("light", types.Name(), nullable=False, comment="evidence that it is light (轻量化)"),
        sa.Column("precise", types.Name(), nullable=False, comment="evidence that it is precise (精准化)"),
        sa.Column("cases", types.Name(), nullable=False),
        sa.Column("exit_terms", types.Name(), nullable=False, comment="export of data and end of service"),
        sa.Column("content_hash", types.Blob(), nullable=False),
        sa.Column("published_by", types.ID(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "deployment IN ('saas', 'private', 'hybrid', 'edge')", name=op.f("edition_deployment_known")
        ),
        sa.CheckConstraint("klass IN ('integrated', 'product', 'chain_leader')", name=op.f("edition_klass_known")),
        sa.CheckConstraint("delivery_days > 0", name=op.f("edition_delivery_takes_days")),
        sa.CheckConstraint("length(content_hash) = 32", name=op.f("edition_content_hash_is_sha256")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_edition_product_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_edition_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("product_id", "number", name=op.f("uq_edition_product_id_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_edition_provider_id"), "edition", ["provider_id"], unique=False)
    op.create_table(
        "roster_industry",
        sa.Column("entry_id", types.ID(), nullable=False),
        sa.Column("industry", types.Name(), nullable=False, comment="GB/T 4754 code"),
        sa.ForeignKeyConstraint(["entry_id"], ["roster_entry.id"], name=op.f("fk_roster_industry_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "industry", name=op.f("pk_roster_industry")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_roster_industry_industry"), "roster_industry", ["industry"], unique=False)
    op.create_table(
        "listing",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("product_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("provider_name", types.Name(), nullable=False),
        sa.Column("price_from_fen", types.Fen(), nullable=False),
        sa.Column(
            "hint_fen", types.Fen(), nullable=True, comment="lowest price after a voucher, written by the schemes"
        ),
        sa.Column(
            "categories",
            types.Json(),
            nullable=False,
            comment="pilot type → subsidy category, set by the reviewing city",
        ),
        sa.Column("submitted_by", types.ID(), nullable=False),
        sa.Column("reviewed_by", types.ID(), nullable=True),
        sa.Column("reviewed_at", types.Instant(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "state IN ('submitted', 'listed', 'rejected', 'withdrawn')", name=op.f("listing_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('listed', 'rejected') OR (reviewed_at IS NOT NULL AND reviewed_by IS NOT NULL)",
            name=op.f("listing_reviewed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_listing_edition_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_listing_product_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_listing_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sqlite_strict=True,
    )
    op.create_index("ix_listing_city_state_newest", "listing", ["city", "state", "created_at", "id"], unique=False)
    op.create_index("ix_listing_city_state_price", "listing", ["city", "state", "price_from_fen", "id"], unique=False)
    op.create_index(op.f("ix_listing_edition_id"), "listing", ["edition_id"], unique=False)
    op.create_index(op.f("ix_listing_product_id"), "listing", ["product_id"], unique=False)
    op.create_index(op.f("ix_listing_provider_id"), "listing", ["provider_id"], unique=False)
    op.create_index(
        "listing_listed_once",
        "listing",
        ["product_id", "city"],
        unique=True,
        sqlite_where=sa.text("state = 'listed'"),
        postgresql_where=sa.text("state = 'listed'"),
    )
    op.create_index(
        "listing_submitted_once",
        "listing",
        ["product_id", "city"],
        unique=True,
        sqlite_where=sa.text("state = 'submitted'"),
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_table(
        "package",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("position", types.Count(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("unit", types.Name(), nullable=False),
        sa.Column("cost_type", types.Choice(), nullable=False),
        sa.Column("price_fen", types.Fen(), nullable=False, comment="fen per unit, tax included"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "cost_type IN ('software', 'cloud', 'hardware', 'service')", name=op.f("package_cost_type_known")
        ),
        sa.CheckConstraint("price_fen > 0", name=op.f("package_price_is_positive")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_package_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
        sa.UniqueConstraint("edition_id", "position", name=op.f("uq_package_edition_id_position")),
        sqlite_strict=True,
    )
    op.create_table(
        "listing_facet",
        sa.Column("facet", types.Name(), nullable=False),
        sa.Column("value", types.Name(), nullable=False),
        sa.Column("listing_id", types.ID(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_facet_listing_id")),
        sa.PrimaryKeyConstraint("facet", "value", "listing_id", name=op.f("pk_listing_facet")),
        sqlite_strict=True,
    )
    op.create_index("ix_listing_facet_listing_id", "listing_facet", ["listing_id"], unique=False)
    op.create_table(
        "listing_word",
        sa.Column("word", types.Name(), nullable=False),
        sa.Column("listing_id", types.ID(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_listing_word_listing_id")),
        sa.PrimaryKeyConstraint("word", "listing_id", name=op.f("pk_listing_word")),
        sqlite_strict=True,
    )
    op.create_index("ix_listing_word_listing_id", "listing_word", ["listing_id"], unique=False)
    # ### end Alembic commands ###
    # tables: end
    (_guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgresql)()


def _guard_sqlite() -> None:
    for table, taken in APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - names from above
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {refuse}"
        )


def _guard_postgresql() -> None:
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION record_append_only()"
        )


def downgrade() -> None:
    # tables: begin
    op.drop_table("listing_word")
    op.drop_table("listing_facet")
    op.drop_table("package")
    op.drop_table("listing")
    op.drop_table("roster_industry")
    op.drop_table("edition")
    op.drop_table("roster_entry")
    op.drop_table("product")
    # ### end Alembic commands ###
    # tables: end
