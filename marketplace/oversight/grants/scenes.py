"""The city gets lists of another fund's projects: one holds an enterprise that spends its voucher on the same thing."""

from __future__ import annotations

import io
import uuid

from marketplace.base.context import Context
from marketplace.base.stage import Scene, Stage
from marketplace.oversight.grants import actions
from marketplace.people.accounts.scenes import made_up_code
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members.scenes import ENTERPRISES
from marketplace.policy.findings import actions as deciding
from marketplace.policy.findings import queries as findings
from marketplace.policy.findings.states import Decision, FindingState
from marketplace.shop.orders import queries as orders

PROGRAMME = "省级工业发展专项资金"
HEADER = "统一社会信用代码,企业名称,项目名称,合同编号,资金名称,金额(万元),拨付日期"
DOUBLE, ALIKE = 10, 9
"""The order whose contract the other fund has paid for, and one that only sounds the same: places in the story."""


def scenes() -> list[Scene]:
    return [
        Scene("a list is brought in by mistake", 31, _mistaken, hour=10),
        Scene("a list of another fund comes", 30, _bring_in, hour=10),
        Scene("what only sounded the same is explained", 28, _explain, hour=16),
    ]


def _sheet(rows: list[tuple[str, ...]]) -> io.BytesIO:
    return io.BytesIO(("\ufeff" + "\r\n".join([HEADER, *(",".join(row) for row in rows)]) + "\r\n").encode())


def _elsewhere(number: int, name: str, project: str, amount: str, day: str) -> tuple[str, ...]:
    return made_up_code(f"91360900{number:08d}"), name, project, f"SF-{number % 1000:03d}", "", amount, day


def _mistaken(stage: Stage) -> None:
    rows = [_elsewhere(70_000_101, "云岭县恒源纺织有限公司", "纺织车间节能改造", "45", stage.day(420).isoformat())]
    brought = stage.act(lambda ctx: actions.bring_in(ctx, _sheet(rows), "节能专项名单.csv", "节能改造补助"), "city")
    stage.act(lambda ctx: actions.withdraw(ctx, brought.grants.id, "节能改造与数字化改造无关，名单导入有误。"), "city")


def _bring_in(stage: Stage) -> None:
    order_id: uuid.UUID = stage.props[f"order{DOUBLE}"]

    def own(ctx: Context) -> tuple[str, ...]:
        order, filed = orders.get(ctx, order_id), orders.contract(ctx, order_id)
        assert filed is not None
        firm = organisations.get(ctx, order.enterprise_id)
        return firm.uscc, firm.name, "生产管理系统升级", filed.contract.number, "", "12.5", stage.day(150).isoformat()

    def alike(ctx: Context) -> tuple[str, ...]:
        order = orders.get(ctx, stage.props[f"order{ALIKE}"])
        firm = organisations.get(ctx, order.enterprise_id)
        return firm.uscc, firm.name, f"{order.title}（二厂区）", "SF-118", "", "9", stage.day(180).isoformat()

    far = stage.day(200).isoformat()
    rows = [
        stage.act(own, "city"),
        stage.act(alike, "city"),
        _elsewhere(70_000_202, "云岭县恒源纺织有限公司", "织机联网与质量追溯", "60", far),
        _elsewhere(70_000_303, "兰溪市华瑞电子有限公司", "贴片产线数据采集", "38.5", far),
        # A firm of the pilot without a code: known by its name, for a project of another kind.
        ("", ENTERPRISES[6][0], "屋面光伏发电", "SF-404", "", "20", far),
    ]
    stage.act(lambda ctx: actions.bring_in(ctx, _sheet(rows), "省工业发展专项资金名单.csv", PROGRAMME), "city")


def _explain(stage: Stage) -> None:
    def verb(ctx: Context) -> None:
        [finding] = ctx.session.scalars(findings.search(ctx, detector="support.similar", state=FindingState.OPEN))
        reason = "二厂区的项目由另一份合同实施，设备和点位均不重叠，已核对两份合同和现场。"
        deciding.decide(ctx, finding.id, Decision.DISMISSED, reason)

    stage.act(verb, "city")
