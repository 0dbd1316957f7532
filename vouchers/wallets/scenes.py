"""Vouchers are issued, by hand and by themselves, and enterprises order with them."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, NamedTuple

from marketplace.base.context import Context
from marketplace.base.stage import Scene, Stage
from marketplace.people.organisations import queries as organisations
from marketplace.pilots.members.scenes import ENTERPRISES
from marketplace.pilots.programmes.scenes import paper
from marketplace.shop.catalogue import queries as catalogue
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders import queries as placed
from marketplace.shop.orders.rules import LineInput, MilestoneInput
from vouchers.schemes.scenes import FACE
from vouchers.wallets import actions as wallets
from vouchers.wallets import automatic, queries


class Ordered(NamedTuple):
    """One order of the story: the enterprise (from one), the listing (from nought), how many of each of its packages.

    Placed so many days before the last, it comes as far as `reached`; "staged" has the first of three milestones
    confirmed. `then` says what is different with the claim on it: "unclaimed", "returned".
    """

    enterprise: int
    listing: int
    quantities: tuple[int, ...]
    before: int
    reached: str
    then: str = ""


ORDERS = (
    Ordered(1, 0, (2, 1), 236, "confirmed"),
    Ordered(2, 2, (1, 1), 228, "confirmed"),
    Ordered(8, 1, (1, 1), 220, "confirmed"),
    Ordered(3, 3, (1, 4), 205, "confirmed"),
    Ordered(4, 4, (6, 1), 190, "confirmed"),
    Ordered(5, 1, (1, 0), 176, "confirmed"),
    Ordered(6, 6, (1,), 160, "confirmed"),
    Ordered(7, 7, (1, 1), 148, "confirmed"),
    Ordered(1, 1, (1, 0), 131, "confirmed"),
    Ordered(9, 8, (1,), 118, "confirmed"),
    Ordered(10, 5, (1,), 96, "confirmed"),
    Ordered(2, 4, (4, 1), 80, "confirmed", "unclaimed"),
    Ordered(8, 7, (1, 0), 62, "delivered"),
    Ordered(5, 4, (5, 1), 47, "confirmed", "returned"),
    Ordered(3, 1, (1, 1), 48, "staged"),
    Ordered(4, 3, (1, 2), 46, "confirmed"),
    Ordered(7, 2, (1, 0), 43, "confirmed"),
    Ordered(9, 5, (2,), 40, "contracted"),
    Ordered(1, 8, (1,), 37, "accepted"),
    Ordered(11, 0, (1, 1), 33, "accepted"),
    Ordered(6, 4, (3, 1), 24, "accepted"),
    Ordered(5, 6, (1,), 20, "cancelled"),
    Ordered(9, 3, (1, 1), 14, "disputed"),
    Ordered(6, 2, (1, 0), 9, "placed"),
    Ordered(4, 5, (1,), 3, "placed"),
)
STEPS = {"placed": 0, "accepted": 1, "contracted": 2, "delivered": 3, "confirmed": 4, "staged": 4}
ENDS = {"cancelled": 0, "disputed": 1}
"""How far an order comes before it ends otherwise."""
AFTER = (1, 4, 22, 25)
"""Days from the order to the steps that follow it."""


def scenes() -> list[Scene]:
    found = [
        Scene("vouchers are issued", 245, _issue),
        Scene("a scheme gives by itself", 28, _give, hour=10),
    ]
    for number, one in enumerate(ORDERS):
        found += _order(number, one)
    return found


def _give(stage: Stage) -> None:
    """Each enterprise on the list gets a small voucher without asking."""
    stage.act(lambda ctx: automatic.give(ctx, stage.props["cloud"], reason="普惠发放，名单内企业每家一张"), "pilot")


def _issue(stage: Stage) -> None:
    chosen = stage.props["enterprises"][: len(ENTERPRISES) - 1]
    stage.act(
        lambda ctx: wallets.issue_one(
            ctx, stage.props["version"], enterprise_id=chosen[0], face_fen=FACE, key="demo:first"
        ),
        "pilot",
    )

    def codes(ctx: Context) -> list[str]:
        return [organisations.by_id(ctx, one).uscc for one in chosen[1:]]

    rows = ["统一社会信用代码,面额", *(f"{code},{FACE // 100 - 1000 * n}" for n, code in enumerate(stage.act(codes)))]
    stage.act(
        lambda ctx: wallets.issue_sheet(
            ctx, stage.props["version"], data="\n".join(rows).encode(), filename="第一批发券.csv"
        ),
        "pilot",
    )


def _order(number: int, one: Ordered) -> list[Scene]:
    """The scenes of one order: placed, and as far as it has come by the last day."""

    def place(stage: Stage) -> None:
        def act(ctx: Context) -> Any:
            offer = catalogue.offer(ctx, stage.props["listings"][one.listing])
            chosen = [(p.id, n) for p, n in zip(offer.packages, one.quantities, strict=False) if n]
            wallet = queries.usable(ctx, category="renovation")[0]
            return orders.place(
                ctx,
                listing_id=offer.listing.id,
                packages=chosen,
                pilot_id=stage.props["county_pilot"],
                voucher_id=wallet.id,
            ).id

        stage.props[f"order{number}"] = stage.act(act, f"enterprise{one.enterprise}")

    found = [Scene(f"order {number}", one.before, place)]
    plays = (("accepted", _accept), ("contracted", _contract), ("delivered", _deliver), ("confirmed", _confirm))
    far = STEPS[one.reached] if one.reached in STEPS else ENDS[one.reached]
    for place_, (step, play) in enumerate(plays[:far]):
        day = max(one.before - AFTER[place_], 1)
        found.append(Scene(f"order {number} {step}", day, _of(play, number, one.enterprise), hour=10 + place_))
    if one.reached in ENDS:
        end = {"cancelled": _cancel, "disputed": _dispute}[one.reached]
        found.append(Scene(f"order {number} {one.reached}", one.before - 2, _of(end, number, one.enterprise)))
    return found


def _of(play: Any, number: int, enterprise: int) -> Any:
    return lambda stage: play(stage, number, enterprise)


def _provider(stage: Stage, order_id: uuid.UUID) -> str:
    """The cast's name of an order's provider."""
    order = stage.act(lambda ctx: placed.get(ctx, order_id), "city")
    return f"provider{stage.props['providers'].index(order.provider_id) + 1}"


def _accept(stage: Stage, number: int, enterprise: int) -> None:
    order_id = stage.props[f"order{number}"]
    stage.act(lambda ctx: orders.accept(ctx, order_id), _provider(stage, order_id))


def _contract(stage: Stage, number: int, enterprise: int) -> None:
    order_id = stage.props[f"order{number}"]
    key = _provider(stage, order_id)
    document = paper(stage, f"数字化改造合同 {number + 1:03d}", key)

    def act(ctx: Context) -> None:
        lines = [
            LineInput(
                name=line.name,
                cost_type=line.cost_type,
                quantity=Decimal(line.quantity),
                unit_price=Decimal(line.unit_price_fen) / 100,
                gross_fen=line.amount_fen,
                tax_fen=line.amount_fen - line.amount_fen * 100 // 106,
            )
            for line in placed.lines(ctx, order_id)
        ]
        gross = sum(line.gross_fen for line in lines)
        orders.file_contract(
            ctx,
            order_id,
            number=f"YX-{number + 1:03d}",
            signed_on=ctx.today,
            document_id=document,
            lines=lines,
            milestones=_stages(gross) if ORDERS[number].reached == "staged" else (),
        )

    stage.act(act, key)


def _stages(gross: int) -> list[MilestoneInput]:
    """Three stages of four, four and two tenths."""
    first = gross * 2 // 5
    return [
        MilestoneInput("系统部署与上线", first),
        MilestoneInput("数据接入与联调", first),
        MilestoneInput("培训与稳定运行", gross - 2 * first),
    ]


def _deliver(stage: Stage, number: int, enterprise: int) -> None:
    order_id = stage.props[f"order{number}"]
    stage.act(
        lambda ctx: orders.deliver(ctx, order_id, text="系统已上线试运行两周，操作培训完成，数据接入清单见附件。"),
        _provider(stage, order_id),
    )


def _confirm(stage: Stage, number: int, enterprise: int) -> None:
    stage.act(lambda ctx: orders.confirm(ctx, stage.props[f"order{number}"]), f"enterprise{enterprise}")


def _cancel(stage: Stage, number: int, enterprise: int) -> None:
    stage.act(
        lambda ctx: orders.cancel(ctx, stage.props[f"order{number}"], reason="采购计划调整，暂不实施。"),
        f"enterprise{enterprise}",
    )


def _dispute(stage: Stage, number: int, enterprise: int) -> None:
    stage.act(
        lambda ctx: orders.dispute(
            ctx, stage.props[f"order{number}"], reason="我单位没有订购手持终端，经办人称系服务商代为下单，请核实。"
        ),
        f"enterprise{enterprise}",
    )
