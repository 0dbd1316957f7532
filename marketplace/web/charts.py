"""Charts: plain data in, a picture, a sentence and the table behind it out. Drawn here, so that no script draws them.

A view makes one and a template shows it::

    uses = charts.stacked(_("按资金用途"), [_("已支付"), _("已锁定")], [(category.name, [paid, reserved]), …])
    {% import "parts/chart.html" as chart with context %}{{ chart.figure(uses) }}

`drawing` makes the pictures. Series differ by pattern, dash or shape as well as by colour.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import quoteattr

from flask import g, has_request_context
from markupsafe import Markup

from marketplace.base import money
from marketplace.base.text import N_, Text
from marketplace.web import drawing
from marketplace.web.drawing import NARROW, TONES, WIDE
from marketplace.web.i18n import _, language, ngettext, say, yuan

FEN = "fen"
"""The values are integer fen."""
COUNT = "count"
"""The values count something."""


@dataclass(frozen=True)
class Chart:
    """What `parts/chart.html` shows. `specs` are the wide and the narrow drawing; there are none without data."""

    title: str
    description: str
    headers: tuple[dict[str, Any], ...]
    rows: tuple[tuple[str, ...], ...]
    specs: tuple[str, ...] = ()

    def pictures(self, name: str, labelled_by: str) -> list[Markup]:
        """The drawings, each with ids of its own that begin with `name`; none where drawing failed: the table stays."""
        drawn = []
        for i, spec in enumerate(self.specs):
            body = drawing.drawn(spec)
            if body is None:
                return []
            kind = ("wide", "narrow")[i]
            size = re.search(r'viewBox="0 0 (\S+) (\S+)"', body[:200])
            assert size is not None
            head = (
                f'<svg class="chart-{kind}" role="img" aria-labelledby={quoteattr(labelled_by)} '
                f'width="{size[1]}" height="{size[2]}" focusable="false" '
            )
            ours = f"{name}-{kind[0]}"
            drawn.append(Markup(head + body.replace("\x00", ours).removeprefix("<svg ")))  # noqa: S704 - cleaned below
        return drawn


def fresh_id() -> str:
    """An id for the next chart of this page."""
    number = 1 + (g.get("charts_drawn", 0) if has_request_context() else 0)
    if has_request_context():
        g.charts_drawn = number
    return f"chart-{number}"


# ---------------------------------------------------------------- kinds


def bars(
    title: str,
    data: Sequence[tuple[str, int]],
    *,
    unit: str = FEN,
    axis: str | None = None,
    measure: str | None = None,
    description: str | None = None,
) -> Chart:
    """One bar for each label; `axis` and `measure` head the columns of the table."""
    rows = [(clean(label), value) for label, value in data]
    said = _said(unit)
    heads = _heads(axis, [measure or (_("金额") if unit == FEN else _("数量"))])
    if description is None and rows:
        label, most = max(rows, key=lambda r: r[1])
        values = {"total": said(sum(value for _label, value in rows)), "label": label, "most": said(most)}
        description = _about(rows, N_("合计 {total}；最多的是“{label}”（{most}）。"), **values)
    table = tuple((label, said(value)) for label, value in rows)
    specs = _both(rows, lambda width: drawing.bars([(label, v, said(v)) for label, v in rows], width))
    return Chart(clean(title), description or _nothing(), heads, table, specs)


def stacked(
    title: str,
    parts: Sequence[str],
    data: Sequence[tuple[str, Sequence[int]]],
    *,
    unit: str = FEN,
    tones: Sequence[str] = TONES,
    axis: str | None = None,
    description: str | None = None,
) -> Chart:
    """One bar for each label, divided into the same parts, at most five; negative values lie left of zero."""
    if len(parts) > len(tones) or any(len(values) != len(parts) for _label, values in data):
        raise ValueError("a stacked bar has a tone for each part and a value for each part")
    names = [clean(part) for part in parts]
    rows = [(clean(label), [int(v) for v in values]) for label, values in data]
    said = _said(unit)
    heads = _heads(axis, [*names, _("合计")])
    if description is None and rows:
        sums = [sum(values[i] for _label, values in rows) for i in range(len(names))]
        whole = _comma().join(f"{name} {said(total)}" for name, total in zip(names, sums, strict=True))
        description = _about(rows, N_("合计 {total}，其中{parts}。"), total=said(sum(sums)), parts=whole)
    table = tuple((label, *(said(v) for v in values), said(sum(values))) for label, values in rows)
    summed = [(label, values, said(sum(values))) for label, values in rows]
    specs = _both(rows, lambda width: drawing.stacked(names, summed, tones, _brief(unit), width))
    return Chart(clean(title), description or _nothing(), heads, table, specs)


def line(
    title: str,
    days: Sequence[date],
    series: Sequence[tuple[str, Sequence[int | None]]],
    *,
    unit: str = FEN,
    limit: tuple[str, int] | None = None,
    description: str | None = None,
) -> Chart:
    """Values over time, at most five series; a None leaves a gap. `limit` is a named line across, as (words, value)."""
    if len(series) > len(TONES) or any(len(values) != len(days) for _name, values in series):
        raise ValueError("a line has a tone for each series and a value or None for each day")
    lines = [(clean(name), list(values)) for name, values in series]
    said = _said(unit)
    heads = _heads(_("日期"), [name for name, _values in lines])
    table = tuple((day.isoformat(), *(said(v) for v in each)) for day, *each in zip(days, *(v for _n, v in lines)))  # noqa: B905 - lengths checked
    last = [(name, next((v for v in reversed(values) if v is not None), None)) for name, values in lines]
    if not days or not any(v is not None for _name, v in last):
        return Chart(clean(title), description or _nothing(), heads, table)
    if description is None:
        now = _comma().join(f"{name} {said(v)}" for name, v in last if v is not None)
        description = say(
            Text(N_("{first} 至 {last}；最近：{now}。"), {"first": days[0], "last": days[-1], "now": now})
        )
        if limit:
            description += _space() + say(Text(N_("{name} {value}。"), {"name": limit[0], "value": said(limit[1])}))
    bound = (f"{clean(limit[0])} {said(limit[1])}", limit[1]) if limit else None
    specs = _both(days, lambda width: drawing.line(days, lines, bound, _brief(unit), width))
    return Chart(clean(title), description, heads, table, specs)


@dataclass(frozen=True)
class Share:
    """A share against its limit, in basis points; `status` is pass, open, warn or fail, as a check of a book says."""

    label: str
    actual: int | None
    limit: int
    kind: str
    """``floor`` or ``ceiling``."""
    status: str = "pass"


def shares(title: str, data: Sequence[Share], *, axis: str | None = None, description: str | None = None) -> Chart:
    """Shares against floors and ceilings: a bar each, a tick at its limit, and the verdict in words."""
    words = {"pass": _("符合"), "open": _("进行中"), "warn": _("接近限额"), "fail": _("不符合")}
    heads = (
        {"label": axis or _("项目")},
        {"label": _("占比"), "numeric": True},
        {"label": _("限额"), "numeric": True},
        {"label": _("结果")},
    )
    paints = {"pass": "ok", "open": "info", "warn": "warn", "fail": "bad"}
    rows, table = [], []
    for share in data:
        limit = {"share": percent(share.limit)}
        bound = say(Text(N_("不低于 {share}") if share.kind == "floor" else N_("不高于 {share}"), limit))
        label, actual, word = clean(share.label), share.actual or 0, words[share.status]
        numbers = f"{percent(actual)} · {bound}"
        rows.append(drawing.Row(label, actual, share.limit, numbers, word, paints[share.status]))
        table.append((label, percent(actual), bound, word))
    if description is None and rows:
        failed = sum(share.status == "fail" for share in data)
        description = ngettext("共 %(num)s 项占比。", "共 %(num)s 项占比。", len(rows)) + _space()
        description += ngettext("%(num)s 项不符合。", "%(num)s 项不符合。", failed) if failed else _("没有不符合项。")
    specs = _both(rows, lambda width: drawing.shares(rows, width))
    return Chart(clean(title), description or _nothing(), heads, tuple(table), specs)


# ---------------------------------------------------------------- words


def clean(label: Any) -> str:
    """A label as one line without what XML forbids."""
    text = "".join(" " if c.isspace() else c for c in str(label))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    return " ".join(text.split())


def percent(bps: int) -> str:
    return f"{bps / 100:.2f}%"


def short(fen: int, digits: int = 2) -> str:
    """An amount in few characters, for where the exact one stands in the table: ¥183.64万, ¥1.84m."""
    scales = [(10**11, "bn"), (10**8, "m"), (10**5, "k")] if language() == "en" else [(10**10, "亿"), (10**6, "万")]
    for size, word in scales:
        if abs(fen) >= size:
            hundredths = (abs(fen) * 10**digits * 2 + size) // (2 * size)
            number = f"{hundredths // 10**digits:,}"
            rest = f"{hundredths % 10**digits:0{digits}d}".rstrip("0") if digits else ""
            return f"{'-' if fen < 0 else ''}¥{number}{'.' + rest if rest else ''}{word}"
    return f"{'-' if fen < 0 else ''}¥{money.plain(abs(fen), grouped=True).removesuffix('.00')}"


def _said(unit: str) -> Callable[[int | None], str]:
    return yuan if unit == FEN else lambda value: "—" if value is None else f"{value:,}"


def _brief(unit: str) -> Callable[[int], str]:
    return short if unit == FEN else lambda value: f"{value:,}"


def _heads(axis: str | None, measures: Sequence[str]) -> tuple[dict[str, Any], ...]:
    return ({"label": axis or _("项目")}, *({"label": word, "numeric": True} for word in measures))


def _about(rows: Sequence[Any], rest: str, **values: Any) -> str:
    return ngettext("共 %(num)s 项，", "共 %(num)s 项，", len(rows)) + _space() + say(Text(rest, values))


def _nothing() -> str:
    return _("暂无数据。")


def _comma() -> str:
    return ", " if language() == "en" else "、"


def _space() -> str:
    return " " if language() == "en" else ""


def _both(rows: Sequence[Any], draw: Callable[[int], Mapping[str, Any]]) -> tuple[str, ...]:
    """The wide and the narrow specification, in one canonical form: the key of the cache."""
    if not rows:
        return ()
    return tuple(json.dumps(draw(width), ensure_ascii=False, sort_keys=True) for width in (WIDE, NARROW))
