"""Year end and corrections: lines that are closed and carried over, interest of the bank, entries taken back"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.base.db import named_statements
from marketplace.migrations import rebuild

revision = "0026_year_end"
down_revision = "0025_own_payments"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).parent.parent / "sql"
SUMS = ("interest", "remitted")
KINDS = "'award', 'receipt', 'allot', 'unallot', 'issue', 'recall', 'lapse', 'pay', 'unpay', 'recover', 'return'"
MORE = "'close', 'carry', 'interest', 'remit', 'unreceipt', 'unreturn', 'uninterest', 'unremit'"
AMOUNTS = (
    "award >= 0 AND received >= 0 AND renovation_allotted >= 0 AND other_allotted >= 0 AND paid >= 0"
    " AND recovered >= 0 AND returned >= 0 AND recovered <= paid{} AND seq >= 0"
)
INNER = "'issue', 'recall', 'lapse'"
BUCKET = (
    "(kind IN ('allot', 'unallot', {})) = (bseq IS NOT NULL AND line_id IS NOT NULL AND k IS NOT NULL)"
    " AND (line_id IS NULL) = (bseq IS NULL) AND (k IS NULL) = (bseq IS NULL)"
)


def upgrade() -> None:
    with rebuild.guards_aside():
        with op.batch_alter_table("fund") as batch:
            batch.add_column(
                sa.Column(
                    "interest",
                    types.Fen(),
                    nullable=False,
                    server_default=sa.text("0"),
                    comment="of the bank; no part of the award",
                )
            )
            batch.add_column(
                sa.Column(
                    "remitted",
                    types.Fen(),
                    nullable=False,
                    server_default=sa.text("0"),
                    comment="interest that went to the treasury",
                )
            )
            batch.drop_constraint(op.f("fund_amounts_not_negative"), type_="check")
            batch.create_check_constraint(
                op.f("fund_amounts_not_negative"), AMOUNTS.format(" AND interest >= 0 AND remitted >= 0")
            )
            batch.create_check_constraint(op.f("fund_remitted_within_interest"), "remitted <= interest")
        with op.batch_alter_table("fund_entry", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.add_column(
                sa.Column("corrects", types.Count(), nullable=True, comment="the entry that is taken back, whole")
            )
            _checks(batch, f"{KINDS}, {MORE}", f"{INNER}, 'close', 'carry'")
            batch.create_check_constraint(
                op.f("fund_entry_correction_names_its_entry"),
                "(kind IN ('unreceipt', 'unreturn', 'uninterest', 'unremit')) = (corrects IS NOT NULL)",
            )
            batch.create_unique_constraint(op.f("uq_fund_entry_corrects"), ["corrects"])
            batch.create_foreign_key(op.f("fk_fund_entry_corrects"), "fund_entry", ["corrects"], ["id"])
    bind = op.get_bind()
    for name, statement in _guards("0026_year_end", bind.dialect.name).items():
        _replace(bind, name, statement)


def downgrade() -> None:
    bind = op.get_bind()
    before = _guards("0003_ledger", bind.dialect.name)
    for name in _guards("0026_year_end", bind.dialect.name):
        if name in before:
            _replace(bind, name, before[name])
        else:
            bind.exec_driver_sql(f"DROP TRIGGER {name}")
    with rebuild.guards_aside():
        with op.batch_alter_table("fund_entry", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("fk_fund_entry_corrects"), type_="foreignkey")
            batch.drop_constraint(op.f("uq_fund_entry_corrects"), type_="unique")
            batch.drop_constraint(op.f("fund_entry_correction_names_its_entry"), type_="check")
            _checks(batch, KINDS, INNER)
            batch.drop_column("corrects")
        with op.batch_alter_table("fund") as batch:
            batch.drop_constraint(op.f("fund_remitted_within_interest"), type_="check")
            batch.drop_constraint(op.f("fund_amounts_not_negative"), type_="check")
            batch.create_check_constraint(op.f("fund_amounts_not_negative"), AMOUNTS.format(""))
            for name in SUMS:
                batch.drop_column(name)


def _checks(batch: Any, kinds: str, inner: str) -> None:
    for name, rule in {
        "kind_known": f"kind IN ({kinds})",
        "fund_seq_iff_fund_moves": f"(kind IN ({inner})) = (seq IS NULL)",
        "bucket_iff_bucket_moves": BUCKET.format(inner),
    }.items():
        batch.drop_constraint(op.f(f"fund_entry_{name}"), type_="check")
        batch.create_check_constraint(op.f(f"fund_entry_{name}"), rule)


def _replace(bind: Any, name: str, statement: str) -> None:
    """On PostgreSQL a function is replaced under the triggers that call it; a trigger is made anew."""
    if statement.startswith("CREATE FUNCTION"):
        bind.exec_driver_sql(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
        return
    table = {"bucket_guard": "line_bucket", "fund_apply": "fund_entry"}.get(name, "fund")
    where = f" ON {table}" if bind.dialect.name == "postgresql" else ""
    bind.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{where}")
    bind.exec_driver_sql(statement)


def _guards(revision: str, dialect: str) -> dict[str, str]:
    return named_statements((FROZEN / f"{revision}_{dialect}.sql").read_text(encoding="utf-8"))
