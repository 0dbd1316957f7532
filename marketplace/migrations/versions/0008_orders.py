"""Orders, contracts, consents and acceptance"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0008_orders"
down_revision = "0007_roster_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "shop_order",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("listing_id", types.ID(), nullable=False),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("title", types.Name(), nullable=False, comment="name of the product in the ordered edition"),
        sa.Column("category", types.Name(), nullable=False, comment="subsidy category settled by the listing"),
        sa.Column("mode", types.Choice(), nullable=False),
        sa.Column("total_fen", types.Fen(), nullable=False, comment="fen, tax included"),
        sa.Column("voucher_id", types.ID(), nullable=True),
        sa.Column("subsidy_fen", types.Fen(), nullable=False, comment="fen set aside on the voucher"),
        sa.Column("reservation_id", types.ID(), nullable=True, comment="what the voucher set aside for this order"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("state_since", types.Instant(), nullable=False),
        sa.Column("disputed_in", types.Choice(), nullable=True, comment="where a dispute stopped it"),
        sa.Column("note", types.Name(), nullable=False, comment="last reason given by either side"),
        sa.Column("accepted_at", types.Instant(), nullable=True),
        sa.Column("delivered_at", types.Instant(), nullable=True),
        sa.Column("confirmed_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'disputed') = (disputed_in IS NOT NULL)", name=op.f("shop_order_disputed_iff_stopped_somewhere")
        ),
        sa.CheckConstraint("mode IN ('direct', 'reimbursed')", name=op.f("shop_order_mode_known")),
        sa.CheckConstraint(
            "state IN ('placed', 'accepted', 'contracted', 'delivered', 'confirmed', 'declined', 'cancelled', 'disputed')",
            name=op.f("shop_order_state_known"),
        ),
        sa.CheckConstraint("enterprise_id <> provider_id", name=op.f("shop_order_nobody_orders_from_himself")),
        sa.CheckConstraint(
            "subsidy_fen >= 0 AND subsidy_fen <= total_fen", name=op.f("shop_order_subsidy_within_total")
        ),
        sa.CheckConstraint("total_fen > 0", name=op.f("shop_order_total_is_positive")),
        sa.CheckConstraint("voucher_id IS NOT NULL OR subsidy_fen = 0", name=op.f("shop_order_subsidy_needs_voucher")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_shop_order_edition_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_shop_order_enterprise_id")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_shop_order_listing_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_shop_order_pilot_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_shop_order_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_order")),
        sa.UniqueConstraint("number", name=op.f("uq_shop_order_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_order_city_newest", "shop_order", ["city", "created_at", "id"], unique=False)
    op.create_index("ix_order_enterprise_newest", "shop_order", ["enterprise_id", "created_at", "id"], unique=False)
    op.create_index("ix_order_pilot_newest", "shop_order", ["pilot_id", "created_at", "id"], unique=False)
    op.create_index("ix_order_provider_newest", "shop_order", ["provider_id", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_shop_order_listing_id"), "shop_order", ["listing_id"], unique=False)
    op.create_index(op.f("ix_shop_order_voucher_id"), "shop_order", ["voucher_id"], unique=False)
    op.create_table(
        "acceptance",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("round", types.Count(), nullable=False, comment="1 for the first judgement"),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("scores", types.Json(), nullable=False, comment="points per angle of the book"),
        sa.Column("points", types.Count(), nullable=False),
        sa.Column("finance_clean", types.Flag(), nullable=False),
        sa.Column("level_before", types.Name(), nullable=True, comment="step of the book's scale: L3"),
        sa.Column("level_after", types.Name(), nullable=False),
        sa.Column("rank_after", types.Count(), nullable=False, comment="its place on the scale, lowest 1"),
        sa.Column("level_record_id", types.ID(), nullable=False),
        sa.Column("result", types.Choice(), nullable=False),
        sa.Column("accepted_on", types.Day(), nullable=False),
        sa.Column("officer", types.ID(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("result IN ('passed', 'rectify', 'failed')", name=op.f("acceptance_result_known")),
        sa.CheckConstraint("points >= 0", name=op.f("acceptance_points_not_negative")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_acceptance_enterprise_id")),
        sa.ForeignKeyConstraint(["level_record_id"], ["level_record.id"], name=op.f("fk_acceptance_level_record_id")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_acceptance_order_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_acceptance_pilot_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_acceptance_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("order_id", "round", name=op.f("uq_acceptance_order_id_round")),
        sqlite_strict=True,
    )
    op.create_index(
        "acceptance_passed_once",
        "acceptance",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("result = 'passed'"),
        postgresql_where=sa.text("result = 'passed'"),
    )
    op.create_index("ix_acceptance_city_newest", "acceptance", ["city", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_acceptance_enterprise_id"), "acceptance", ["enterprise_id"], unique=False)
    op.create_index("ix_acceptance_pilot_newest", "acceptance", ["pilot_id", "created_at", "id"], unique=False)
    op.create_table(
        "order_consent",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("step", types.Choice(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("way", types.Name(), nullable=False, comment="own device, or short-lived code shown to the provider"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("step IN ('order', 'acceptance', 'invoice')", name=op.f("order_consent_step_known")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_order_consent_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_consent")),
        sa.UniqueConstraint("order_id", "step", name=op.f("uq_order_consent_order_id_step")),
        sqlite_strict=True,
    )
    op.create_table(
        "order_contract",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("signed_on", types.Day(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("document_sha256", types.Name(), nullable=False, comment="one file, one contract"),
        sa.Column("net_fen", types.Fen(), nullable=False),
        sa.Column("tax_fen", types.Fen(), nullable=False),
        sa.Column("gross_fen", types.Fen(), nullable=False),
        sa.Column("filed_by", types.ID(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("length(document_sha256) = 64", name=op.f("order_contract_document_hash_is_sha256_hex")),
        sa.CheckConstraint("net_fen + tax_fen = gross_fen", name=op.f("order_contract_net_and_tax_are_gross")),
        sa.CheckConstraint("net_fen > 0 AND tax_fen >= 0", name=op.f("order_contract_amounts_are_positive")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_order_contract_document_id")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_order_contract_order_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_order_contract_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_contract")),
        sa.UniqueConstraint("document_sha256", name=op.f("uq_order_contract_document_sha256")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_contract_order_id")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_order_contract_provider_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "order_delivery",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("text", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("delivered_by", types.ID(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_order_delivery_document_id")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_order_delivery_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_delivery")),
        sqlite_strict=True,
    )
    op.create_index("ix_order_delivery_order", "order_delivery", ["order_id", "created_at", "id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("package_id", types.ID(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("cost_type", types.Choice(), nullable=False),
        sa.Column("quantity", types.Count(), nullable=False),
        sa.Column("unit_price_fen", types.Fen(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "cost_type IN ('software', 'cloud', 'hardware', 'service')", name=op.f("order_line_cost_type_known")
        ),
        sa.CheckConstraint("amount_fen = quantity * unit_price_fen", name=op.f("order_line_amount_is_product")),
        sa.CheckConstraint("quantity > 0 AND unit_price_fen > 0", name=op.f("order_line_quantity_and_price_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_order_line_package_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "package_id", name=op.f("uq_order_line_order_id_package_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "order_contract_line",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("contract_id", types.ID(), nullable=False),
        sa.Column("position", types.Count(), nullable=False),
        sa.Column("edition_id", types.ID(), nullable=False),
        sa.Column("cost_type", types.Choice(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("quantity", types.Exact(), nullable=False),
        sa.Column("unit_price", types.Exact(), nullable=False, comment="yuan, tax included, exact"),
        sa.Column("net_fen", types.Fen(), nullable=False),
        sa.Column("tax_fen", types.Fen(), nullable=False),
        sa.Column("gross_fen", types.Fen(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "cost_type IN ('software', 'cloud', 'hardware', 'service')",
            name=op.f("order_contract_line_cost_type_known"),
        ),
        sa.CheckConstraint("net_fen + tax_fen = gross_fen", name=op.f("order_contract_line_net_and_tax_are_gross")),
        sa.CheckConstraint("net_fen > 0 AND tax_fen >= 0", name=op.f("order_contract_line_amounts_are_positive")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["order_contract.id"], name=op.f("fk_order_contract_line_contract_id")
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_order_contract_line_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_contract_line")),
        sa.UniqueConstraint("contract_id", "position", name=op.f("uq_order_contract_line_contract_id_position")),
        sqlite_strict=True,
    )
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("order_contract_line")
    op.drop_table("order_line")
    op.drop_table("order_delivery")
    op.drop_table("order_contract")
    op.drop_table("order_consent")
    op.drop_table("acceptance")
    op.drop_table("shop_order")
    # ### end Alembic commands ###
    # tables: end
