"""Idempotency, audit, documents, jobs and notices"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0001_ground"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "audit_row": "id = NEW.id",
    "access_row": "id = NEW.id",
    "seal": "no = NEW.no OR hash = NEW.hash OR (source = NEW.source AND tree_size = NEW.tree_size)",
    "checkpoint": "day = NEW.day",
}
STAMPED = ("audit_row", "access_row", "outbox")
GUARDED = ("audit_row", "access_row")

FUNCTIONS = {
    "record_append_only": """
CREATE FUNCTION record_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$""",
    "record_own_transaction": """
CREATE FUNCTION record_own_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a row names its own transaction', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$""",
}


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "access_row",
        sa.Column("id", types.Serial(), nullable=False),
        sa.Column("xid", types.Xid(), nullable=True, comment="the writing transaction on PostgreSQL"),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=True),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("role", types.Name(), nullable=False),
        sa.Column("request_id", types.Name(), nullable=False),
        sa.Column("kind", types.Name(), nullable=False),
        sa.Column("object_id", types.Name(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False, comment="why it was opened: a code or a sentence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_row")),
        sqlite_strict=True,
    )
    op.create_index("ix_access_row_object", "access_row", ["kind", "object_id", "id"], unique=False)
    op.create_index("ix_access_row_person", "access_row", ["person_id", "id"], unique=False)
    op.create_index("ix_access_row_position", "access_row", ["xid", "id"], unique=False)
    op.create_table(
        "audit_row",
        sa.Column("id", types.Serial(), nullable=False),
        sa.Column("xid", types.Xid(), nullable=True, comment="the writing transaction on PostgreSQL"),
        sa.Column("at", types.Instant(), nullable=False, comment="ctx.now of the act"),
        sa.Column("person_id", types.ID(), nullable=True, comment="empty: a visitor or the platform itself"),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("role", types.Name(), nullable=False, comment="role code, or visitor, or platform"),
        sa.Column("request_id", types.Name(), nullable=False),
        sa.Column("verb", types.Name(), nullable=False, comment="kind.past_participle, like voucher.reserved"),
        sa.Column("kind", types.Name(), nullable=False, comment="table of the object"),
        sa.Column("object_id", types.Name(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=True),
        sa.Column("city", types.Name(), nullable=True),
        sa.Column("facts", types.Json(), nullable=False, comment="amounts in fen, ids, states"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_row")),
        sqlite_strict=True,
    )
    op.create_index("ix_audit_row_at", "audit_row", ["at"], unique=False)
    op.create_index("ix_audit_row_object", "audit_row", ["kind", "object_id", "id"], unique=False)
    op.create_index("ix_audit_row_person", "audit_row", ["person_id", "id"], unique=False)
    op.create_index("ix_audit_row_position", "audit_row", ["xid", "id"], unique=False)
    op.create_index("ix_audit_row_verb", "audit_row", ["verb", "id"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("day", types.Day(), nullable=False, comment="the day in Asia/Shanghai that it closes"),
        sa.Column("seal_no", types.Count(), nullable=False),
        sa.Column("seal_hash", types.Blob(), nullable=False),
        sa.Column("trees", types.Json(), nullable=False, comment="table → [rows, root in hex]"),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("public_key", types.Blob(), nullable=False),
        sa.Column("signature", types.Blob(), nullable=False, comment="Ed25519 over the canonical text"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_checkpoint")),
        sqlite_strict=True,
    )
    op.create_table(
        "document",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("sha256", types.Name(), nullable=False, comment="of the content, in hex"),
        sa.Column("size", types.Count(), nullable=False, comment="bytes"),
        sa.Column("media_type", types.Name(), nullable=False, comment="by content, not by name"),
        sa.Column("name", types.Name(), nullable=False, comment="as uploaded, made harmless"),
        sa.Column("kind", types.Name(), nullable=False, comment="what it is in its matter: contract, invoice …"),
        sa.Column("owner_organisation_id", types.ID(), nullable=True),
        sa.Column("pilot_id", types.ID(), nullable=True),
        sa.Column("city", types.Name(), nullable=True),
        sa.Column("person_id", types.ID(), nullable=True, comment="who stored it"),
        sa.Column("assignment_id", types.ID(), nullable=True),
        sa.Column("personal", types.Flag(), nullable=False, comment="holds personal data: each look is logged"),
        sa.Column("public", types.Flag(), nullable=False, comment="anybody may read it"),
        sa.Column("retention", types.Choice(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("retention IN ('standard', 'permanent', 'short')", name=op.f("document_retention_known")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("document_digest_whole")),
        sa.CheckConstraint("size > 0", name=op.f("document_holds_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sqlite_strict=True,
    )
    op.create_index("ix_document_owner", "document", ["owner_organisation_id", "id"], unique=False)
    op.create_index(op.f("ix_document_sha256"), "document", ["sha256"], unique=False)
    op.create_table(
        "idempotency_record",
        sa.Column("scope", types.Name(), nullable=False, comment="who asked: organisation or person"),
        sa.Column("key", types.Name(), nullable=False, comment="made by the client before it clicked"),
        sa.Column("request_hash", types.Blob(), nullable=False),
        sa.Column("status", types.Count(), nullable=False),
        sa.Column("body", types.Json(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency_record")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_idempotency_record_created_at"), "idempotency_record", ["created_at"], unique=False)
    op.create_table(
        "job_run",
        sa.Column("id", types.Serial(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("finished_at", types.Instant(), nullable=False),
        sa.Column("outcome", types.Choice(), nullable=False),
        sa.Column("account", types.Name(), nullable=False, comment="what it did, or the fault"),
        sa.Column("person_id", types.ID(), nullable=True, comment="who ran it by hand"),
        sa.CheckConstraint("outcome IN ('done', 'failed')", name=op.f("job_run_outcome_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_job_run_finished_at"), "job_run", ["finished_at"], unique=False)
    op.create_index("ix_job_run_name", "job_run", ["name", "id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=True),
        sa.Column("organisation_id", types.ID(), nullable=True),
        sa.Column("role", types.Name(), nullable=True),
        sa.Column("region", types.Name(), nullable=True, comment="region code of the assignment"),
        sa.Column("pilot_id", types.ID(), nullable=True),
        sa.Column("template", types.Name(), nullable=False, comment="Chinese source text, translated when read"),
        sa.Column("values", types.Json(), nullable=False, comment="what fills the template"),
        sa.Column("url", types.Name(), nullable=False, comment="where the matter is dealt with"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR organisation_id IS NOT NULL OR role IS NOT NULL OR pilot_id IS NOT NULL",
            name=op.f("notice_has_a_reader"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sqlite_strict=True,
    )
    op.create_index("ix_notice_organisation", "notice", ["organisation_id", "id"], unique=False)
    op.create_index("ix_notice_person", "notice", ["person_id", "id"], unique=False)
    op.create_index("ix_notice_pilot", "notice", ["pilot_id", "id"], unique=False)
    op.create_index("ix_notice_role", "notice", ["role", "id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", types.Serial(), nullable=False),
        sa.Column("xid", types.Xid(), nullable=True, comment="the writing transaction on PostgreSQL"),
        sa.Column("message_id", types.ID(), nullable=False, comment="lets a receiver drop what came twice"),
        sa.Column("topic", types.Name(), nullable=False),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("next_try_at", types.Instant(), nullable=False),
        sa.Column("attempts", types.Count(), nullable=False),
        sa.Column("sent_at", types.Instant(), nullable=True),
        sa.Column("last_error", types.Name(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_outbox_sent_at"), "outbox", ["sent_at"], unique=False)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at", "id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
        sqlite_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "seal",
        sa.Column("no", types.Serial(), autoincrement=False, nullable=False),
        sa.Column("source", types.Name(), nullable=False, comment="the sealed table"),
        sa.Column("epoch", types.Count(), nullable=False, comment="rises with each restore into a new cluster"),
        sa.Column("cluster", types.Name(), nullable=False, comment="system identifier of the database cluster"),
        sa.Column("floor_id", types.Count(), nullable=False, comment="last id of the epochs before"),
        sa.Column("lo_xid", types.Count(), nullable=False, comment="rows after this position …"),
        sa.Column("lo_id", types.Count(), nullable=False),
        sa.Column("hi_xid", types.Count(), nullable=False, comment="… up to and including this one"),
        sa.Column("hi_id", types.Count(), nullable=False),
        sa.Column("top_id", types.Count(), nullable=False, comment="highest id sealed so far"),
        sa.Column("n", types.Count(), nullable=False, comment="rows under this seal"),
        sa.Column("tree_size", types.Count(), nullable=False, comment="rows of the table sealed so far"),
        sa.Column("root", types.Blob(), nullable=False, comment="RFC 6962 tree hash over all rows so far"),
        sa.Column("leaves", types.Blob(), nullable=False, comment="the n leaf hashes, to name a changed row"),
        sa.Column("frontier", types.Blob(), nullable=False, comment="roots of the full subtrees, left to right"),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("prev_hash", types.Blob(), nullable=False),
        sa.Column("hash", types.Blob(), nullable=False),
        sa.Column("public_key", types.Blob(), nullable=False, comment="Ed25519"),
        sa.Column("signature", types.Blob(), nullable=False, comment="Ed25519 over the hash"),
        sa.CheckConstraint(
            "length(root) = 32 AND length(hash) = 32 AND length(prev_hash) = 32", name=op.f("seal_digests_whole")
        ),
        sa.CheckConstraint("n > 0 AND tree_size >= n", name=op.f("seal_covers_rows")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_seal")),
        sa.UniqueConstraint("hash", name=op.f("uq_seal_hash")),
        sa.UniqueConstraint("source", "tree_size", name=op.f("uq_seal_source_tree_size")),
        sqlite_strict=True,
    )
    op.create_table(
        "document_reader",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("reader_kind", types.Choice(), nullable=False),
        sa.Column("reader", types.Name(), nullable=False, comment="id, or the city's code"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "reader_kind IN ('organisation', 'pilot', 'city', 'person')", name=op.f("document_reader_reader_kind_known")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_reader_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_reader")),
        sa.UniqueConstraint(
            "document_id", "reader_kind", "reader", name=op.f("uq_document_reader_document_id_reader_kind_reader")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "notice_read",
        sa.Column("notice_id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_notice_read")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_notice_read_person_id"), "notice_read", ["person_id"], unique=False)
    # ### end Alembic commands ###
    # tables: end
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


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
    for function in FUNCTIONS.values():
        op.execute(function)
    for table in STAMPED:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION record_append_only()"
        )
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_own_transaction BEFORE INSERT ON {table} FOR EACH ROW "
            "WHEN (NEW.xid IS DISTINCT FROM pg_current_xact_id()::text::bigint) "
            "EXECUTE FUNCTION record_own_transaction()"
        )


def downgrade() -> None:
    # tables: begin
    op.drop_table("notice_read")
    op.drop_table("document_reader")
    op.drop_table("seal")
    op.drop_table("outbox")
    op.drop_table("notice")
    op.drop_table("job_run")
    op.drop_table("idempotency_record")
    op.drop_table("document")
    op.drop_table("checkpoint")
    op.drop_table("audit_row")
    op.drop_table("access_row")
    # ### end Alembic commands ###
    # tables: end
    if op.get_bind().dialect.name == "postgresql":
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
