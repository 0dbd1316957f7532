"""Deliveries are accepted, invoiced, claimed and paid; one payment fails and is made again, one claim still waits."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.money import plain
from marketplace.base.stage import Scene, Stage
from marketplace.people.organisations import bank
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members.scenes import ENTERPRISES
from marketplace.pilots.programmes.scenes import paper
from marketplace.shop.acceptance import actions as acceptance
from marketplace.shop.acceptance.states import Result
from marketplace.shop.orders import queries as orders
from vouchers.claims import filing, reviewing
from vouchers.claims import queries as claims
from vouchers.claims.own_part import Payment
from vouchers.claims.rules import Cut
from vouchers.claims.states import CutCode, Decision
from vouchers.contracts import queries as contracts
from vouchers.invoices import actions as invoices
from vouchers.invoices import official
from vouchers.invoices.states import Official
from vouchers.ledger.models.funds import Fund
from vouchers.settlement import answering, batching, queries, sending, tiers
from vouchers.wallets.scenes import AFTER, ORDERS

CUTS = {
    4: (Cut(1, 1_520_00, CutCode.EVIDENCE, "现场核查实际安装 4 台采集终端，合同为 6 台。"),),
    15: (Cut(2, 1_040_00, CutCode.EVIDENCE, "现场核查实际配发 1 台手持终端，合同为 2 台。"),),
}
"""What the pilot office proposes to cut of a claim and the city follows, by the order's place in the story."""
OF_CONTRACTS = (
    ("platform", 108, 327_000_00, "approved"),
    ("course", 24, 80_000_00, "submitted"),
    ("platform", 14, 226_500_00, "claimed"),
)
"""Invoices of direct expenditure: whose, days before the last, fen, and how far its claim comes."""
PAYDAYS = ((122, "paid"), (58, "one fails"), (10, "made"))
"""Days before the last on which a batch is made, and how far it comes."""


def scenes() -> list[Scene]:
    found = [
        Scene("providers name their bank accounts", 258, _accounts),
        Scene("the city says who releases large batches", 130, _tiers),
    ]
    for number, one in enumerate(ORDERS):
        if one.reached != "confirmed" or one.then == "unclaimed":
            continue
        steps = [(10, _accept), (13, _invoice), (16, _claim)]
        steps += [(19, _return)] if one.then == "returned" else [(19, _pilot), (23, _city)]
        for after, play in steps:
            day = one.before - AFTER[-1] - after
            if day > 0:
                found.append(Scene(f"order {number} settled", day, _of(play, number, one.enterprise), hour=14))
    for number, (key, before, gross, far) in enumerate(OF_CONTRACTS):
        found.append(Scene(f"contract {key} invoiced", before, _of(_of_contract, number, key, gross, far), hour=14))
    found += [Scene(f"payday {place}", before, _payday(how)) for place, (before, how) in enumerate(PAYDAYS, start=1)]
    return found


def _of(play: Any, *given: Any) -> Any:
    return lambda stage: play(stage, *given)


def _tiers(stage: Stage) -> None:
    stage.act(lambda ctx: tiers.put(ctx, above_fen=500_000_00, persons=2), "city")
    stage.act(lambda ctx: tiers.put(ctx, above_fen=2_000_000_00, persons=3), "city")


def _accounts(stage: Stage) -> None:
    for number, organisation_id in enumerate(stage.props["providers"], start=1):

        def propose(ctx: Context, organisation_id: uuid.UUID = organisation_id, number: int = number) -> Any:
            name = organisations.by_id(ctx, organisation_id).name
            return bank.propose_account(
                ctx,
                organisation_id,
                holder_name=name,
                bank_name="云溪农村商业银行青禾支行",
                number=f"62220{8_800_000_000_00 + number * 7919:014d}",
                bank_code="402429900017",
            )

        account = stage.act(propose, f"provider{number}")
        stage.act(lambda ctx, account=account: bank.confirm_account(ctx, account.id), "finance")


def _accept(stage: Stage, number: int, enterprise: int) -> None:
    key_link = ENTERPRISES[enterprise - 1][4]
    stage.act(
        lambda ctx: acceptance.judge(
            ctx,
            stage.props[f"order{number}"],
            scores={"effect": 84, "data_flow": 79, "return": 76, "management": 72},
            level_after="L7" if key_link else "L6",
            result=Result.PASSED,
            finance_clean=True,
            reason="现场查看系统运行与数据接入，成效与方案一致，财务核查无异常。",
        ),
        "city",
    )


def _provider(stage: Stage, number: int) -> str:
    order = stage.act(lambda ctx: orders.get(ctx, stage.props[f"order{number}"]), "city")
    return f"provider{stage.props['providers'].index(order.provider_id) + 1}"


def _invoice(stage: Stage, number: int, enterprise: int) -> None:
    order_id, key = stage.props[f"order{number}"], _provider(stage, number)
    document = paper(stage, f"电子发票 {number + 1:03d}", key)

    def submit(ctx: Context) -> Any:
        order, filed = orders.get(ctx, order_id), orders.contract(ctx, order_id)
        assert filed is not None
        contract = filed.contract
        return invoices.submit(
            ctx,
            order_id,
            number=f"{ctx.today:%y}36{2_000_000_000_000_000 + number * 7919:016d}",
            issued_on=ctx.today,
            seller_uscc=organisations.by_id(ctx, order.provider_id).uscc,
            buyer_uscc=organisations.by_id(ctx, order.enterprise_id).uscc,
            net_fen=contract.net_fen,
            tax_fen=contract.tax_fen,
            gross_fen=contract.gross_fen,
            document_id=document,
        )

    made = stage.act(submit, key)
    stage.clock.advance(hours=20)
    stage.act(lambda ctx: invoices.confirm(ctx, made.id), f"enterprise{enterprise}")
    if number % 2 == 0:  # the others show what is still to be looked up
        answer = paper(stage, f"发票查验结果 {number + 1:03d}", "city")
        stage.act(
            lambda ctx: official.record(
                ctx,
                made.id,
                asked_on=ctx.today,
                result=Official.VALID,
                document_id=answer,
                note="全国增值税发票查验平台",
            ),
            "city",
        )


def _claim(stage: Stage, number: int, enterprise: int) -> None:
    order_id, key = stage.props[f"order{number}"], _provider(stage, number)
    proof = paper(stage, f"银行回单 {number + 1:03d}", key) if number % 3 else None  # one in three shows the warning
    filed = stage.act(
        lambda ctx: filing.submit(
            ctx,
            order_id,
            statement="系统已验收并稳定运行，发票经企业确认。",
            promise=True,
            proof_document_id=proof,
            payment=_receipt(ctx, order_id, number) if proof else None,
        ),
        key,
    )
    stage.props[f"claim{number}"] = filed.claim.id


def _receipt(ctx: Context, order_id: Any, number: int) -> Payment:
    """The enterprise's own part, paid before the claim."""
    order, filed = orders.get(ctx, order_id), orders.contract(ctx, order_id)
    assert filed is not None
    own = filed.contract.gross_fen - sum(part.open_fen for part in claims.parts(ctx, order))
    names = organisations.names(ctx, [order.enterprise_id, order.provider_id])
    return Payment(ctx.today, own, names[order.enterprise_id], names[order.provider_id], f"HD{number + 1:08d}")


def _of_contract(stage: Stage, number: int, key: str, gross: int, far: str) -> None:
    """An accepted part of a contract is invoiced; its claim comes as far as is told."""
    contract_id, provider = stage.props[f"contract:{key}"], "provider3"
    document = paper(stage, f"合同发票 {number + 1:03d}", provider)

    def submit(ctx: Context) -> Any:
        contract = contracts.get(ctx, contract_id)
        tax = gross * 6 // 106
        return invoices.submit_for_contract(
            ctx,
            contract_id,
            number=f"{ctx.today:%y}36{3_000_000_000_000_000 + number * 7919:016d}",
            issued_on=ctx.today,
            seller_uscc=organisations.by_id(ctx, contract.provider_id).uscc,
            buyer_uscc=organisations.by_id(ctx, contract.buyer_id).uscc,
            net_fen=gross - tax,
            tax_fen=tax,
            gross_fen=gross,
            document_id=document,
        )

    made = stage.act(submit, provider)
    if far == "submitted":
        return
    stage.clock.advance(hours=20)
    stage.act(lambda ctx: invoices.confirm(ctx, made.id), "pilot")
    filed = stage.act(
        lambda ctx: filing.submit_for_contract(
            ctx, contract_id, statement="已按合同完成并通过验收，发票经采购单位确认。", promise=True
        ),
        provider,
    )
    if far == "claimed":
        return
    for who in ("pilot", "city"):
        stage.clock.advance(days=1)
        reason = "合同、验收、发票一致。"
        stage.act(
            lambda ctx, reason=reason: reviewing.review(ctx, filed.id, decision=Decision.APPROVED, reason=reason), who
        )


def _review(stage: Stage, number: int, who: str) -> None:
    cuts = CUTS.get(number, ())
    reason = "现场核查安装数量少于合同，其余一致。" if cuts else "合同、验收、发票一致。"
    stage.act(
        lambda ctx: reviewing.review(
            ctx, stage.props[f"claim{number}"], decision=Decision.APPROVED, reason=reason, cuts=cuts
        ),
        who,
    )


def _pilot(stage: Stage, number: int, enterprise: int) -> None:
    _review(stage, number, "pilot")


def _city(stage: Stage, number: int, enterprise: int) -> None:
    _review(stage, number, "city")


def _return(stage: Stage, number: int, enterprise: int) -> None:
    stage.act(
        lambda ctx: reviewing.review(
            ctx,
            stage.props[f"claim{number}"],
            decision=Decision.RETURNED,
            reason="申请说明与验收记录中的上线日期不一致，请更正后重新提交。",
            notes={"statement": "请写明实际上线日期，与验收记录一致。"},
        ),
        "pilot",
    )


def _payday(how: str) -> Any:
    def play(stage: Stage) -> None:
        fund_id = stage.act(
            lambda ctx: ctx.session.scalars(select(Fund.id).where(Fund.pilot_id == stage.props["county_pilot"])).one()
        )
        waiting = stage.act(lambda ctx: queries.waiting(ctx, fund_id=fund_id), "finance")
        claims = [row.claim.id for row in waiting.items]
        if how == "made":
            claims = claims[:-1] or claims  # one is left to be put into a batch
        if not claims:
            return
        batch = stage.act(lambda ctx: batching.make(ctx, fund_id, claims), "finance")
        if how == "made":
            return
        reason = "按审定金额付款；公共服务平台一期先行验收，改造付款随后。"
        stage.act(lambda ctx: batching.approve(ctx, batch.id, reason=reason), "finance2")
        stage.act(lambda ctx: sending.write_payment_file(ctx, batch.id), "finance")
        stage.clock.advance(days=2)
        answer = stage.act(lambda ctx: _answer(ctx, batch.id, fails=how == "one fails"), "finance")
        stage.act(lambda ctx: answering.load_return(ctx, batch.id, answer, "银行回单.csv"), "finance")

    return play


def _answer(ctx: Context, batch_id: uuid.UUID, *, fails: bool) -> bytes:
    """What the made-up bank answers: every payment made, or all but the first."""
    lines = ["端到端编号,结果,银行流水号,原因,日期,金额(元)"]
    for place, (name, (_, item)) in enumerate(sorted(queries.attempts(ctx, batch_id).items())):
        failed = fails and place == 0
        told = ("失败", "", "收款账户户名不符") if failed else ("成功", f"BK{ctx.today:%Y%m%d}{place:04d}", "")
        lines.append(f"{name},{told[0]},{told[1]},{told[2]},{ctx.today},{plain(item.amount)}")
    return "\n".join(lines).encode()
