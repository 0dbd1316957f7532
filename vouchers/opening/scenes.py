"""A zone that ran for months with books of its own brings them along; two later sheets wait, and go back."""

from __future__ import annotations

import io

from marketplace.base.context import Context
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import made_up_code
from vouchers.ledger.models.openings import Opening
from vouchers.opening import actions

HEADER = "日期,类型,资金用途,金额,企业代码,服务商代码,合同编号,发票号码,其他财政支持,关键环节,改造后水平,验收日期"
NOTE = "据园区财政支付台账与银行流水整理，逐笔核对一致。"
PAST = (
    (300, "承诺", "企业数字化改造", "620000.00", 1, 1, "YX-2023-001", "", 0),
    (290, "承诺", "企业数字化改造", "480000.00", 2, 2, "YX-2023-002", "", 0),
    (282, "承诺", "平台建设", "900000.00", 0, 3, "YX-PT-01", "", 0),
    (240, "支付", "平台建设", "360000.00", 0, 3, "YX-PT-01", "01", 0),
    (205, "支付", "企业数字化改造", "310000.00", 1, 1, "YX-2023-001", "02", 212),
    (180, "核减", "企业数字化改造", "30000.00", 2, 2, "YX-2023-002", "", 0),
    (150, "支付", "企业数字化改造", "450000.00", 2, 2, "YX-2023-002", "03", 158),
    (120, "支付", "培训诊断", "86000.00", 0, 0, "", "04", 0),
    (95, "退回", "企业数字化改造", "12000.00", 2, 2, "YX-2023-002", "", 0),
)
"""Days before the last, kind, use, yuan, enterprise and provider by number, contract, invoice, accepted (days)."""
LATER = ((75, "承诺", "园区网络", "260000.00", 0, 3, "YX-WL-01", "", 0),)
UNCLEAR = ((310, "支付", "培训诊断", "45000.00", 0, 0, "", "", 0),)


def scenes() -> list[Scene]:
    return [
        Scene("a zone brings its past along", 60, _upload),
        Scene("its past is booked", 58, _release, hour=15),
        Scene("a sheet is sent back", 12, _send_back, hour=16),
        Scene("another sheet waits", 4, _waits, hour=15),
    ]


def _code(first: str, number: int) -> str:
    return made_up_code(f"91{first}{80_000_000 + number * 7_919:08d}") if number else ""


def _sheet(stage: Stage, rows: tuple[tuple[int, str, str, str, int, int, str, str, int], ...]) -> bytes:
    lines = [HEADER]
    for before, kind, use, amount, enterprise, provider, contract, invoice, accepted in rows:
        cells = [
            stage.day(before).isoformat(), kind, use, amount, _code("369001", enterprise), _code("360100", provider),
            contract, f"2436{int(invoice):016d}" if invoice else "", "无", "是" if enterprise == 1 else "否",
            ("L7" if enterprise == 1 else "L6") if accepted else "",
            stage.day(accepted).isoformat() if accepted else "",
        ]  # fmt: skip
        lines.append(",".join(cells))
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _submitted(stage: Stage, pilot: str, who: str, data: bytes, name: str, note: str = NOTE) -> Opening:
    opening = stage.act(lambda ctx: actions.upload(ctx, stage.props[pilot], io.BytesIO(data), name), who)
    return stage.act(lambda ctx: actions.submit(ctx, opening.id, note), who)


def _upload(stage: Stage) -> None:
    data = _sheet(stage, PAST)
    stage.props["opening"] = _submitted(stage, "zone_pilot", "zone_pilot_officer", data, "高新区期初支出表.csv").id


def _release(stage: Stage) -> None:
    stage.clock.advance(hours=1)

    def verb(ctx: Context) -> Opening:
        return actions.release(ctx, stage.props["opening"])

    stage.act(verb, "finance")


def _send_back(stage: Stage) -> None:
    made = _submitted(
        stage, "zone_pilot", "zone_pilot_officer", _sheet(stage, UNCLEAR), "补录.csv", "启用平台前的培训费。"
    )
    reason = "缺少合同编号和付款凭证，请核实是否已包含在首次期初数据中。"
    stage.act(lambda ctx: actions.send_back(ctx, made.id, reason), "finance2")


def _waits(stage: Stage) -> None:
    data = _sheet(stage, LATER)
    _submitted(stage, "zone_pilot", "zone_pilot_officer", data, "园区网络补录.csv", "启用平台前已签订，尚未付款。")
