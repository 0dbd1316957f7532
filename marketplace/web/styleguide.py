"""The parts that every page is made of, each in its states: for those who build pages, and for those who judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import qrcode
from flask import Blueprint, Flask, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.paging import Page, cut
from marketplace.base.text import N_, Bilingual, Text
from marketplace.web import charts
from marketplace.web.html import render
from marketplace.web.i18n import _, say
from marketplace.web.listings import Choice, Column, Day, Listing, Sort, Tick, Words
from marketplace.web.nav import Task
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")

SIZES = {"micro": N_("微型企业"), "small": N_("小型企业"), "medium": N_("中型企业")}


@dataclass(frozen=True)
class Sample:
    """A row of the sample list."""

    id: int
    name: str
    uscc: str
    size: str
    amount: int
    share: int
    day: date
    tags: list[tuple[str, str]] = field(default_factory=list)


def samples(day: date) -> list[Sample]:
    """Rows as they come in life: short and very long names, nothing and a great deal of money."""
    long = "示例市开发区超长名称精密机械零部件智能制造与工业互联网综合服务有限责任公司第三分公司"
    names = ["甲示例有限公司", long, "乙示例厂", "丙示例股份有限公司", "丁示例有限公司"]
    return [
        Sample(
            n,
            f"{names[n % 5]}{n}",
            "91360900MA00000000",
            list(SIZES)[n % 3],
            n * n * 1_234_567,
            n * 700 % 10_000,
            day - timedelta(days=n),
            [(N_("关键环节"), "ok")] if n % 2 else [],
        )
        for n in range(60)
    ]


def _rows(
    ctx: Context,
    *,
    size: str | None = None,
    words: str = "",
    since: date | None = None,
    tagged: bool = False,
    order: Sequence[Any] = (),
    limit: int,
    cursor: str | None,
) -> Page[Sample]:
    found = [
        row
        for row in samples(ctx.today)
        if size in (None, row.size)
        and words in row.name
        and (since is None or row.day >= since)
        and (row.tags or not tagged)
    ]
    return cut(sorted(found, key=lambda r: r.amount, reverse="most" in order), limit=limit, cursor=cursor)


LISTING = Listing(
    "samples",
    N_("样例列表"),
    rows=_rows,
    columns=[
        Column("name", N_("企业"), link=lambda row: url_for("styleguide.index"), under=lambda row, _: row.uscc),
        Column("size", N_("规模"), "word", value=lambda row, _: SIZES[row.size]),
        Column("amount", N_("金额"), "money"),
        Column("share", N_("比例"), "share"),
        Column("day", N_("日期"), "day"),
        Column("tags", N_("标记"), "tags"),
        Column("uscc", N_("统一社会信用代码"), "code", hidden=True),
    ],
    filters=[
        Choice("size", N_("规模"), options=SIZES, tabs=True),
        Words("words", N_("企业"), address="q", hint=N_("名称中的字")),
        Day("since", N_("起始日期")),
        Tick("tagged", N_("仅看关键环节")),
    ],
    sorts=[Sort("least", N_("金额从低到高"), ["least"]), Sort("most", N_("金额从高到低"), ["most"])],  # type: ignore[list-item]
    limit=8,
)


def _form(
    values: dict[str, Any] | None = None, errors: dict[str, list[str]] | None = None, *, refused: bool = False
) -> Any:
    refusal = Refusal("sample", N_("订单金额超过服务券的可用余额。"), clause="四(二)") if refused else None
    return SimpleNamespace(values=values or {}, errors=errors or {}, refusal=refusal, live=False)


PLACES = SimpleNamespace(
    groups=[
        SimpleNamespace(
            code="360900",
            name=Bilingual("宜春市", {}, "Yichun"),
            places=[("360983", Bilingual("高安市", {}, "Gao'an"))],
        ),
        SimpleNamespace(
            code="360700",
            name=Bilingual("赣州市", {}, "Ganzhou"),
            places=[("360702", Bilingual("章贡区", {}, "Zhanggong"))],
        ),
    ],
    kinds="city,county,zone",
)
"""Some places, as the chapter of regions gives them to a form."""
TYPED = {
    "name": "示例有限公司",
    "amount": 1_234_567_89,
    "uscc": "91360900MA00000000",
    "kind": "b",
    "many": ["a"],
    "why": "一二三",
    "agree": True,
    "people": 120,
    "phone": "13900000000",
    "email": "office@example.cn",
    "begins": "2031-03-01",
    "ends": "2031-03-31",
    "place": "360983",
}
WRONG = {
    "name": N_("请填写单位名称。"),
    "amount": N_("金额最多两位小数。"),
    "uscc": N_("第 18 位校验码应为 X。"),
    "kind": N_("请选择一项。"),
    "paper": N_("文件超过 10 MiB。"),
    "day": N_("日期不能晚于今天。"),
    "place": N_("请选择所在地。"),
    "ends": N_("结束日不能早于开始日。"),
    "why": N_("理由太长了。"),
}


def _code() -> str:
    """A code that says it is a specimen."""
    made = qrcode.QRCode()
    made.add_data("SPECIMEN")
    rows = made.get_matrix()
    ink = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    size = len(rows)
    return (
        f'<svg class="qr" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path class="qr-paper" d="M0 0h{size}v{size}H0z"/><path class="qr-ink" d="{ink}"/></svg>'
    )


def _charts(day: date) -> dict[str, charts.Chart]:
    """One chart of each kind, and one that has no data."""
    uses = [(_("企业改造"), 1_027_550_000), (_("平台建设"), 120_000_000), (_("培训诊断"), 30_000_000)]
    days = [day - timedelta(days=31 * n) for n in range(8, -1, -1)]
    committed = [50_000_000 * n * n + 20_000_000 for n in range(9)]
    parts = [_("已支付"), _("已锁定"), _("待支付"), _("可用"), _("已收回")]
    divided = [(label, [paid, paid * 3 // 10, paid // 20, paid // 2, paid // 30]) for label, paid in uses]
    return {
        "bars": charts.bars(_("各项用途的支付"), uses, axis=_("用途"), measure=_("已支付")),
        "parts": charts.stacked(_("每项用途的钱在哪里"), parts, divided, axis=_("用途")),
        "time": charts.line(
            _("承诺与支付"),
            days,
            [(_("已承诺"), committed), (_("已支付"), [None, None, *committed[:7]])],
            limit=(_("奖补资金"), 4_400_000_000),
        ),
        "shares": charts.shares(
            _("份额与限额"),
            [
                charts.Share(_("企业改造"), 7312, 7000, "floor"),
                charts.Share(_("企业改造"), 6810, 7000, "floor", "warn"),
                charts.Share(_("其他用途"), 3200, 3000, "ceiling", "fail"),
                charts.Share(_("企业改造"), None, 7000, "floor", "open"),
            ],
            axis=_("用途"),
        ),
        "nothing": charts.bars(_("各项用途的支付"), []),
    }


@bp.get("")
@access(PUBLIC)
def index() -> str | Response:
    """Every part in every state."""
    ctx = reading()
    return LISTING.answer(
        "styleguide/index.html",
        ctx=ctx,
        blank=_form(),
        typed=_form({**TYPED, "day": ctx.today}),
        waiting=[
            Task(Text(N_("确认 2 家企业的改造名单")), "/styleguide", due=ctx.today - timedelta(days=1)),
            Task(Text(N_("复核一个付款批次")), "/styleguide", due=ctx.today + timedelta(days=3), tone="warn"),
            Task(Text(N_("审核一个产品")), "/styleguide", hint=Text(N_("昨天提交"))),
        ],
        today=ctx.today,
        places=PLACES,
        drawn=_charts(ctx.today),
        code=_code(),
    )


@bp.get("/faulty")
@access(PUBLIC)
def faulty() -> str:
    """A form that came back: summary above, the reason beside each field, and all that was typed."""
    ctx = reading()
    errors = {name: [say(why)] for name, why in WRONG.items()}
    values = {**TYPED, "name": "", "amount": "12.345", "day": ctx.today + timedelta(days=1), "place": "", "kind": ""}
    values |= {"ends": "2031-02-01", "why": "一二三四五六七八九十一二三四五六七八九十一二"}
    return render("styleguide/faulty.html", ctx=ctx, wrong=_form(values, errors, refused=True), places=PLACES)


def init(app: Flask) -> None:
    app.register_blueprint(bp)
