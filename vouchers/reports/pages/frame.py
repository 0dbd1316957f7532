"""What the pages of reports share: the blueprint, the asked day, files, and the charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.web import charts
from marketplace.web.i18n import language, say
from vouchers.funds.history import Month
from vouchers.reports.queries import Row

bp = Blueprint("reports", __name__, url_prefix="/reports")


def in_language() -> str:
    """The reader's language as the book's own words know it: zh or en."""
    return "en" if language() == "en" else "zh"


def asked_day() -> date | None:
    """The day that the reader asks for; none for today."""
    text = request.args.get("as_of", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong = N_("“{value}”不是有效日期，请填写如 2024-03-01。")
        raise Refusal("report.no_day", wrong, field="as_of", value=text[:40]) from None


def file(data: Any, kind: str, name: str) -> Response:
    """A download."""
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def uses(rows: Sequence[Row]) -> charts.Chart:
    """Where the money of each category stands: paid, promised and not yet paid, not yet promised."""
    english = language() == "en"
    return charts.stacked(
        say(N_("各用途的进度")),
        [say(N_("已支付")), say(N_("已承诺未支付")), say(N_("已安排未承诺"))],
        [
            (
                row.name_en if english else row.name_zh,
                [m.paid, max(m.committed - m.paid, 0), max(m.allotted - max(m.committed, m.paid), 0)],
            )
            for row in rows
            if (m := row.money)
        ],
        tones=("paid", "reserved", "available"),
        axis=say(N_("资金用途")),
    )


def trend(months: Sequence[Month], award: int) -> charts.Chart:
    """How the money came, was promised and was paid, month by month, against the award."""
    return charts.line(
        say(N_("逐月累计")),
        [month.day for month in months],
        [
            (say(N_("已到位")), [month.received for month in months]),
            (say(N_("已承诺")), [month.committed for month in months]),
            (say(N_("已支付")), [month.paid for month in months]),
        ],
        limit=(say(N_("奖补总额")), award),
    )
