"""Regions, organisations and accounts"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0002_people"
down_revision = "0001_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "person",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("phone", types.Name(), nullable=False, comment="mainland mobile, 11 digits"),
        sa.Column("email", types.Name(), nullable=True, comment="lower case; many owners have none"),
        sa.Column("password_hash", types.Name(), nullable=False, comment="argon2id, 19 MiB, t=2, p=1"),
        sa.Column("locale", types.Name(), nullable=False, comment="zh or en: language of messages"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("locale IN ('zh', 'en')", name=op.f("person_locale_known")),
        sa.CheckConstraint("state IN ('active', 'blocked')", name=op.f("person_state_known")),
        sa.CheckConstraint("length(phone) = 11", name=op.f("person_phone_has_11_digits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_person_phone")),
        sqlite_strict=True,
    )
    op.create_table(
        "region",
        sa.Column("code", types.Name(), nullable=False, comment="GB/T 2260, or Z + city + number for a zone"),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("name_en", types.Name(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("parent", types.Name(), nullable=True, comment="province of a city; city of a county or zone"),
        sa.Column("zone_level", types.Choice(), nullable=True),
        sa.CheckConstraint("(kind = 'province') = (parent IS NULL)", name=op.f("region_parent_unless_province")),
        sa.CheckConstraint("(kind = 'zone') = (zone_level IS NOT NULL)", name=op.f("region_level_iff_zone")),
        sa.CheckConstraint("kind IN ('province', 'city', 'county', 'zone')", name=op.f("region_kind_known")),
        sa.CheckConstraint("zone_level IN ('national', 'provincial')", name=op.f("region_zone_level_known")),
        sa.ForeignKeyConstraint(["parent"], ["region.code"], name=op.f("fk_region_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
        sqlite_strict=True,
    )
    op.create_index("ix_region_parent_code", "region", ["parent", "code"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("key", types.Name(), nullable=False, comment="kind:digest of account or address"),
        sa.Column("attempts", types.Count(), nullable=False),
        sa.Column("window_ends", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_throttle_window_ends"), "throttle", ["window_ends"], unique=False)
    op.create_table(
        "uscc_override",
        sa.Column("uscc", types.Name(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True),
        sa.Column("allowed_by", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("uscc_override_uscc_has_18_characters")),
        sa.PrimaryKeyConstraint("uscc", name=op.f("pk_uscc_override")),
        sqlite_strict=True,
    )
    op.create_table(
        "organisation",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("uscc", types.Name(), nullable=False, comment="统一社会信用代码, 18 characters"),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("region", types.Name(), nullable=False, comment="county or zone; city for firms from elsewhere"),
        sa.Column("city", types.Name(), nullable=False, comment="prefecture city whose officers confirm it"),
        sa.Column("address", types.Name(), nullable=False),
        sa.Column("legal_representative", types.Name(), nullable=False),
        sa.Column("phone", types.Name(), nullable=False),
        sa.Column("industry", types.Name(), nullable=False, comment="GB/T 4754 division, like C39"),
        sa.Column("employees", types.Count(), nullable=True),
        sa.Column("revenue_fen", types.Fen(), nullable=True, comment="of the last full year"),
        sa.Column(
            "size_class",
            types.Choice(),
            nullable=True,
            comment="工信部联企业〔2011〕300号; empty when not of industry or figures are missing",
        ),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("registered_by", types.ID(), nullable=True, comment="person; empty: the platform"),
        sa.Column("decided_by", types.ID(), nullable=True, comment="officer who confirmed or rejected it"),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False, comment="of a rejection"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'registered') = (decided_at IS NULL)", name=op.f("organisation_decided_unless_registered")
        ),
        sa.CheckConstraint(
            "size_class IN ('large', 'medium', 'small', 'micro')", name=op.f("organisation_size_class_known")
        ),
        sa.CheckConstraint("state IN ('registered', 'confirmed', 'rejected')", name=op.f("organisation_state_known")),
        sa.CheckConstraint("employees IS NULL OR employees >= 0", name=op.f("organisation_employees_not_negative")),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("organisation_uscc_has_18_characters")),
        sa.CheckConstraint("revenue_fen IS NULL OR revenue_fen >= 0", name=op.f("organisation_revenue_not_negative")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_organisation_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
        sqlite_strict=True,
    )
    op.create_index("ix_organisation_city_state", "organisation", ["city", "state", "created_at", "id"], unique=False)
    op.create_index("ix_organisation_created", "organisation", ["created_at", "id"], unique=False)
    op.create_index("ix_organisation_name", "organisation", ["name", "id"], unique=False)
    op.create_index(
        "ix_organisation_region_state", "organisation", ["region", "state", "created_at", "id"], unique=False
    )
    op.create_table(
        "region_class",
        sa.Column("region", types.Name(), nullable=False),
        sa.Column("year", types.Count(), nullable=False, comment="first year for which it holds"),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("value", types.Name(), nullable=False, comment="1, 2 or 3 (一类, 二类, 三类)"),
        sa.Column("source", types.Name(), nullable=False, comment="document or hearsay it comes from"),
        sa.Column("verified", types.Flag(), nullable=False, comment="set by the province, else hearsay"),
        sa.CheckConstraint("kind = 'county' OR value <> '3'", name=op.f("region_class_cities_have_two_classes")),
        sa.CheckConstraint("kind IN ('city', 'county')", name=op.f("region_class_kind_known")),
        sa.CheckConstraint("value IN ('1', '2', '3')", name=op.f("region_class_value_known")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("region_class_year_has_four_digits")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_region_class_region")),
        sa.PrimaryKeyConstraint("region", "year", name=op.f("pk_region_class")),
        sqlite_strict=True,
    )
    op.create_table(
        "assignment",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("role", types.Choice(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=True),
        sa.Column("pilot_id", types.ID(), nullable=True, comment="pilot of a later chapter"),
        sa.Column(
            "region", types.Name(), nullable=True, comment="city or province of an officer; county or zone of a pilot's"
        ),
        sa.Column("city", types.Name(), nullable=True, comment="prefecture city of the place, for lists"),
        sa.Column("valid_from", types.Instant(), nullable=False),
        sa.Column("valid_until", types.Instant(), nullable=True, comment="the first moment it no longer holds"),
        sa.Column(
            "granted_by", types.ID(), nullable=True, comment="empty: the platform or the person's own registration"
        ),
        sa.Column("substitute_for", types.ID(), nullable=True, comment="the assignment that is stood in for"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "pilot_id IS NULL OR role IN ('pilot', 'finance')", name=op.f("assignment_pilot_only_for_its_officers")
        ),
        sa.CheckConstraint(
            "role <> 'finance' OR pilot_id IS NOT NULL OR region IS NOT NULL", name=op.f("assignment_finance_has_place")
        ),
        sa.CheckConstraint("role <> 'pilot' OR pilot_id IS NOT NULL", name=op.f("assignment_pilot_office_has_pilot")),
        sa.CheckConstraint(
            "role IN ('enterprise', 'provider', 'pilot', 'city', 'finance', 'expert', 'province', 'auditor', 'admin')",
            name=op.f("assignment_role_known"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('city', 'province', 'auditor') OR region IS NOT NULL",
            name=op.f("assignment_authorities_have_region"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('enterprise', 'provider') OR organisation_id IS NOT NULL",
            name=op.f("assignment_firms_have_organisation"),
        ),
        sa.CheckConstraint(
            "granted_by IS NULL OR granted_by <> person_id", name=op.f("assignment_never_granted_to_oneself")
        ),
        sa.CheckConstraint(
            "substitute_for IS NULL OR valid_until IS NOT NULL", name=op.f("assignment_substitutes_end")
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("assignment_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_assignment_granted_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_assignment_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_assignment_region")),
        sa.ForeignKeyConstraint(["substitute_for"], ["assignment.id"], name=op.f("fk_assignment_substitute_for")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sqlite_strict=True,
    )
    op.create_index("ix_assignment_city", "assignment", ["city", "role"], unique=False)
    op.create_index("ix_assignment_organisation", "assignment", ["organisation_id", "role"], unique=False)
    op.create_index("ix_assignment_person", "assignment", ["person_id"], unique=False)
    op.create_index("ix_assignment_pilot", "assignment", ["pilot_id", "role"], unique=False)
    op.create_table(
        "bank_account",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("holder_name", types.Name(), nullable=False),
        sa.Column("bank_name", types.Name(), nullable=False, comment="branch, as on the account licence"),
        sa.Column("bank_code", types.Name(), nullable=False, comment="12 digits (CNAPS), or empty"),
        sa.Column("number", types.Name(), nullable=False, comment="digits only"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True, comment="account licence or bank statement"),
        sa.Column("proposed_by", types.ID(), nullable=True),
        sa.Column("confirmed_by", types.ID(), nullable=True),
        sa.Column("confirmed_at", types.Instant(), nullable=True),
        sa.Column("effective_from", types.Instant(), nullable=True, comment="end of the cooling period"),
        sa.Column("retired_at", types.Instant(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False, comment="of a refusal"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'retired') = (retired_at IS NOT NULL)", name=op.f("bank_account_retired_iff_ended")
        ),
        sa.CheckConstraint(
            "(state IN ('active', 'retired')) = (effective_from IS NOT NULL)",
            name=op.f("bank_account_effective_iff_confirmed"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'active', 'retired', 'refused')", name=op.f("bank_account_state_known")
        ),
        sa.CheckConstraint(
            "proposed_by IS NULL OR confirmed_by IS NULL OR proposed_by <> confirmed_by",
            name=op.f("bank_account_two_persons"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_bank_account_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sqlite_strict=True,
    )
    op.create_index("ix_bank_account_history", "bank_account", ["organisation_id", "created_at"], unique=False)
    op.create_index("ix_bank_account_number", "bank_account", ["number"], unique=False)
    op.create_index(
        "ix_bank_account_one_active",
        "bank_account",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index("ix_bank_account_state", "bank_account", ["state", "created_at"], unique=False)
    op.create_table(
        "capacity",
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('enterprise', 'provider', 'bureau', 'pilot_office', 'bank')", name=op.f("capacity_kind_known")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_capacity_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "kind", name=op.f("pk_capacity")),
        sqlite_strict=True,
    )
    op.create_index("ix_capacity_kind", "capacity", ["kind", "organisation_id"], unique=False)
    op.create_table(
        "organisation_fact",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("value", types.Json(), nullable=False, comment="text; for size employees and revenue_fen"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("proposed_by", types.ID(), nullable=True),
        sa.Column("document_id", types.ID(), nullable=True, comment="evidence"),
        sa.Column("decided_by", types.ID(), nullable=True),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("valid_from", types.Instant(), nullable=True),
        sa.Column("valid_until", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'past') = (valid_until IS NOT NULL)", name=op.f("organisation_fact_ended_iff_past")
        ),
        sa.CheckConstraint(
            "(state IN ('current', 'past')) = (valid_from IS NOT NULL)",
            name=op.f("organisation_fact_valid_iff_it_held"),
        ),
        sa.CheckConstraint(
            "kind IN ('name', 'legal_representative', 'phone', 'address', 'region', 'industry', 'size')",
            name=op.f("organisation_fact_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'current', 'past', 'refused')", name=op.f("organisation_fact_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_fact_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_fact")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_organisation_fact_history", "organisation_fact", ["organisation_id", "kind", "created_at"], unique=False
    )
    op.create_index("ix_organisation_fact_state", "organisation_fact", ["state", "created_at"], unique=False)
    op.create_table(
        "organisation_paper",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("filed_by", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "kind IN ('licence', 'legal_representative', 'authorisation')", name=op.f("organisation_paper_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_paper_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_paper")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_organisation_paper_organisation_id"), "organisation_paper", ["organisation_id"], unique=False
    )
    op.create_table(
        "ownership_case",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("region", types.Name(), nullable=False),
        sa.Column("claimant_id", types.ID(), nullable=False, comment="person"),
        sa.Column("capacity", types.Choice(), nullable=False),
        sa.Column("claimed", types.Json(), nullable=False, comment="name, legal representative, phone as claimed"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("decided_by", types.ID(), nullable=True),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ownership_case_decided_unless_open")),
        sa.CheckConstraint(
            "capacity IN ('enterprise', 'provider', 'bureau', 'pilot_office', 'bank')",
            name=op.f("ownership_case_capacity_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused')", name=op.f("ownership_case_state_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_ownership_case_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership_case")),
        sqlite_strict=True,
    )
    op.create_index("ix_ownership_case_city", "ownership_case", ["city", "state", "created_at", "id"], unique=False)
    op.create_index("ix_ownership_case_claimant", "ownership_case", ["claimant_id"], unique=False)
    op.create_index(
        "ix_ownership_case_one_open",
        "ownership_case",
        ["organisation_id", "claimant_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_ownership_case_region", "ownership_case", ["region", "state", "created_at", "id"], unique=False)
    op.create_table(
        "shareholding",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("holder_name", types.Name(), nullable=False),
        sa.Column("holder_uscc", types.Name(), nullable=True, comment="when the holder is an organisation"),
        sa.Column("share_bps", types.Count(), nullable=False, comment="ten-thousandths of the capital"),
        sa.Column("valid_from", types.Instant(), nullable=False),
        sa.Column("valid_until", types.Instant(), nullable=True),
        sa.Column("stated_by", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("share_bps BETWEEN 1 AND 10000", name=op.f("shareholding_share_within_the_whole")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_shareholding_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shareholding")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_shareholding_holder_uscc"), "shareholding", ["holder_uscc"], unique=False)
    op.create_index("ix_shareholding_organisation", "shareholding", ["organisation_id", "valid_until"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("assignment_id", types.ID(), nullable=False),
        sa.Column("name", types.Name(), nullable=False, comment="what the person calls it"),
        sa.Column("secret_hash", types.Blob(), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("last_four", types.Name(), nullable=False),
        sa.Column("scopes", types.Json(), nullable=False, comment="list of permission codes"),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("length(last_four) = 4", name=op.f("api_token_last_four_are_four")),
        sa.CheckConstraint("length(secret_hash) = 32", name=op.f("api_token_secret_is_digest")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_api_token_assignment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_token_secret_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_api_token_person", "api_token", ["person_id", "created_at"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("phone", types.Name(), nullable=False),
        sa.Column("role", types.Choice(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=True),
        sa.Column("pilot_id", types.ID(), nullable=True),
        sa.Column("region", types.Name(), nullable=True),
        sa.Column("city", types.Name(), nullable=True),
        sa.Column("assignment_until", types.Instant(), nullable=True, comment="end of the assignment it offers"),
        sa.Column("secret_hash", types.Blob(), nullable=False, comment="SHA-256 of the link"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("invited_by", types.ID(), nullable=False),
        sa.Column("invited_as", types.ID(), nullable=False, comment="the inviter's assignment, which must still hold"),
        sa.Column("accepted_by", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_by IS NOT NULL)", name=op.f("invitation_accepted_iff_by_somebody")
        ),
        sa.CheckConstraint(
            "pilot_id IS NULL OR role IN ('pilot', 'finance')", name=op.f("invitation_pilot_only_for_its_officers")
        ),
        sa.CheckConstraint(
            "role <> 'finance' OR pilot_id IS NOT NULL OR region IS NOT NULL", name=op.f("invitation_finance_has_place")
        ),
        sa.CheckConstraint("role <> 'pilot' OR pilot_id IS NOT NULL", name=op.f("invitation_pilot_office_has_pilot")),
        sa.CheckConstraint(
            "role IN ('enterprise', 'provider', 'pilot', 'city', 'finance', 'expert', 'province', 'auditor', 'admin')",
            name=op.f("invitation_role_known"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('city', 'province', 'auditor') OR region IS NOT NULL",
            name=op.f("invitation_authorities_have_region"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('enterprise', 'provider') OR organisation_id IS NOT NULL",
            name=op.f("invitation_firms_have_organisation"),
        ),
        sa.CheckConstraint("state IN ('open', 'accepted', 'withdrawn')", name=op.f("invitation_state_known")),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_invitation_accepted_by")),
        sa.ForeignKeyConstraint(["invited_as"], ["assignment.id"], name=op.f("fk_invitation_invited_as")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_invitation_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitation_secret_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_invitation_city", "invitation", ["city", "created_at"], unique=False)
    op.create_index("ix_invitation_organisation", "invitation", ["organisation_id", "created_at"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("secret_hash", types.Blob(), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("address", types.Name(), nullable=False, comment="network address at sign-in"),
        sa.Column("agent", types.Name(), nullable=False, comment="browser at sign-in, shortened"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("length(secret_hash) = 32", name=op.f("web_session_secret_is_digest")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_web_session_assignment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_web_session_secret_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_web_session_expires", "web_session", ["expires_at"], unique=False)
    op.create_index("ix_web_session_person", "web_session", ["person_id", "created_at"], unique=False)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("web_session")
    op.drop_table("invitation")
    op.drop_table("api_token")
    op.drop_table("shareholding")
    op.drop_table("ownership_case")
    op.drop_table("organisation_paper")
    op.drop_table("organisation_fact")
    op.drop_table("capacity")
    op.drop_table("bank_account")
    op.drop_table("assignment")
    op.drop_table("region_class")
    op.drop_table("organisation")
    op.drop_table("uscc_override")
    op.drop_table("throttle")
    op.drop_table("region")
    op.drop_table("person")
    # ### end Alembic commands ###
    # tables: end
