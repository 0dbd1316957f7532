"""On PostgreSQL, CHECKs of many words call a function of the same words; the index of what was sent holds only that"""

import sqlalchemy as sa
from alembic import op

revision = "0033_rules"
down_revision = "0032_milestones"
branch_labels = None
depends_on = None

RULES = (
    (
        "commitment",
        "commitment_face_conserved",
        (
            "face BIGINT, available BIGINT, reserved BIGINT, payable BIGINT, paid BIGINT, recalled BIGINT, "
            "clawed BIGINT, seq BIGINT"
        ),
        (
            "available >= 0 AND reserved >= 0 AND payable >= 0 AND paid >= 0 AND recalled >= 0 AND clawed >= "
            "0 AND available + reserved + payable + paid + recalled + clawed = CASE WHEN seq = 0 THEN 0 ELSE "
            "face END AND seq >= 0"
        ),
    ),
    (
        "entry",
        "entry_movement_known",
        "kind VARCHAR, src VARCHAR, dst VARCHAR",
        (
            "kind || ':' || src || '>' || dst IN ('issue:line>available', 'reserve:available>reserved', "
            "'release:reserved>available', 'lapse:reserved>recalled', 'redeem:reserved>payable', "
            "'redeem:available>payable', 'refund:payable>available', 'refund:payable>recalled', "
            "'cut:payable>available', 'cut:payable>recalled', 'settle:payable>paid', 'clawback:paid>clawed', "
            "'expire:available>recalled', 'recall:available>recalled')"
        ),
    ),
    (
        "entry",
        "entry_part_iff_reversed",
        "kind VARCHAR, redemption_id BIGINT",
        "(kind IN ('refund', 'cut', 'settle', 'clawback')) = (redemption_id IS NOT NULL)",
    ),
    (
        "entry",
        "entry_provider_iff_spent",
        "kind VARCHAR, provider_id UUID",
        "(kind IN ('reserve', 'redeem')) = (provider_id IS NOT NULL)",
    ),
    (
        "hold",
        "hold_parts_within_amount",
        "amount BIGINT, posted BIGINT, released BIGINT",
        "posted >= 0 AND released >= 0 AND posted + released <= amount",
    ),
    (
        "hold",
        "hold_closed_iff_used_up",
        "amount BIGINT, posted BIGINT, released BIGINT, state VARCHAR",
        "(state = 'closed') = (posted + released = amount)",
    ),
    (
        "hold",
        "hold_state_known",
        "state VARCHAR",
        "state IN ('new', 'pending', 'closed')",
    ),
    (
        "redemption",
        "redemption_parts_within_amount",
        "amount BIGINT, refunded BIGINT, settled BIGINT, clawed BIGINT",
        ("refunded >= 0 AND settled >= 0 AND clawed >= 0 AND refunded + settled <= amount AND clawed <= settled"),
    ),
)
"""Table, constraint, arguments, words."""


def upgrade() -> None:
    _sent("sent_at IS NOT NULL")
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for table, name, arguments, words in RULES:
        bind.exec_driver_sql(
            f"CREATE FUNCTION rule_{name}({arguments}) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$\n"
            f"BEGIN\n  RETURN {words};\nEND $$"
        )
        called = ", ".join(one.split()[0] for one in arguments.split(", "))
        _check(table, name, f"rule_{name}({called})")


def downgrade() -> None:
    _sent(None)
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for table, name, _arguments, words in RULES:
        _check(table, name, words)
        bind.exec_driver_sql(f"DROP FUNCTION rule_{name}")


def _check(table: str, name: str, words: str) -> None:
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, words)


def _sent(where: str | None) -> None:
    """The index of the moments at which messages were sent, of all rows or only of those."""
    only = None if where is None else sa.text(where)
    op.drop_index(op.f("ix_outbox_sent_at"), table_name="outbox")
    op.create_index(op.f("ix_outbox_sent_at"), "outbox", ["sent_at"], postgresql_where=only, sqlite_where=only)
