"""More limits of a scheme: per order, per provider and year, in all; days from issue and order; earlier use"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types
from marketplace.migrations import rebuild

revision = "0029_scheme_limits"
down_revision = "0028_voucher_requests"
branch_labels = None
depends_on = None

COLUMNS = {
    "cap_order_fen": (types.Fen(), "largest subsidy of one order or contract, fen"),
    "cap_provider_year_fen": (types.Fen(), "per provider and calendar year, fen"),
    "cap_scheme_fen": (types.Fen(), "all vouchers of the scheme together, fen"),
    "min_use_bps": (
        types.Count(),
        "share of earlier vouchers to be used before another is given, ten-thousandths",
    ),
    "use_days": (types.Count(), "days from issue to order, at most until use_by"),
    "redeem_days": (types.Count(), "days from order to confirmed delivery, at most until redeem_by"),
}
CHECKS = {
    "cap_order_positive": "cap_order_fen > 0",
    "cap_provider_positive": "cap_provider_year_fen > 0",
    "cap_scheme_positive": "cap_scheme_fen > 0",
    "use_days_counted": "use_days BETWEEN 1 AND 3660",
    "redeem_days_counted": "redeem_days BETWEEN 1 AND 3660",
    "min_use_is_a_share": "min_use_bps BETWEEN 1 AND 10000",
}


def upgrade() -> None:
    with rebuild.guards_aside(), op.batch_alter_table("scheme_version") as batch:
        for name, (kind, comment) in COLUMNS.items():
            batch.add_column(sa.Column(name, kind, nullable=True, comment=comment))
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(f"scheme_version_{name}"), rule)


def downgrade() -> None:
    with rebuild.guards_aside(), op.batch_alter_table("scheme_version") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"scheme_version_{name}"), type_="check")
        for name in COLUMNS:
            batch.drop_column(name)
