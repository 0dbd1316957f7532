"""The life of an order."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class OrderState(StrEnum):
    PLACED = "placed"
    ACCEPTED = "accepted"
    CONTRACTED = "contracted"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


_DISPUTABLE = {
    OrderState.PLACED,
    OrderState.ACCEPTED,
    OrderState.CONTRACTED,
    OrderState.DELIVERED,
    OrderState.CONFIRMED,
}
"""From here the enterprise may say "this is not mine"; a dispute that is dismissed leads back to the same state. After
the confirmation whoever pays refuses it once the money has left."""

ORDER = Lifecycle(
    "order",
    {
        "accept": (OrderState.PLACED, OrderState.ACCEPTED),
        "decline": (OrderState.PLACED, OrderState.DECLINED),
        "contract": (OrderState.ACCEPTED, OrderState.CONTRACTED),
        "deliver": (OrderState.CONTRACTED, OrderState.DELIVERED),
        "reject_delivery": (OrderState.DELIVERED, OrderState.CONTRACTED),
        "confirm": (OrderState.DELIVERED, OrderState.CONFIRMED),
        "confirm_part": (OrderState.DELIVERED, OrderState.CONTRACTED),
        "cancel": ({OrderState.PLACED, OrderState.ACCEPTED}, OrderState.CANCELLED),
        "replace": ({OrderState.PLACED, OrderState.ACCEPTED, OrderState.CONTRACTED}, OrderState.CANCELLED),
        "dispute": (_DISPUTABLE, OrderState.DISPUTED),
        "uphold": (OrderState.DISPUTED, OrderState.CANCELLED),
        **{f"resume_{state}": (OrderState.DISPUTED, state) for state in sorted(_DISPUTABLE)},
    },
    labels={
        OrderState.PLACED: N_("待服务商接单"),
        OrderState.ACCEPTED: N_("已接单，待备案合同"),
        OrderState.CONTRACTED: N_("合同已备案，实施中"),
        OrderState.DELIVERED: N_("已交付，待企业确认"),
        OrderState.CONFIRMED: N_("企业已确认"),
        OrderState.DECLINED: N_("服务商未接单"),
        OrderState.CANCELLED: N_("已取消"),
        OrderState.DISPUTED: N_("有争议，资金已冻结"),
    },
    tones={
        OrderState.CONFIRMED: "ok",
        OrderState.DELIVERED: "warn",
        OrderState.DISPUTED: "bad",
        OrderState.DECLINED: "quiet",
        OrderState.CANCELLED: "quiet",
    },
)


class Mode(StrEnum):
    """Who is paid by the treasury: the provider (direct, 通兑) or the enterprise afterwards (reimbursed, 通用)."""

    DIRECT = "direct"
    REIMBURSED = "reimbursed"


MODES = {Mode.DIRECT: N_("通兑（服务商兑付）"), Mode.REIMBURSED: N_("通用（企业先付后补）")}
WHO_PAYS = {
    Mode.DIRECT: N_("企业只付自付部分，补贴由财政付给服务商。"),
    Mode.REIMBURSED: N_("企业先付全款，补贴由财政付还给企业。"),
}
"""The same in a sentence: who pays what to whom."""


class ConsentStep(StrEnum):
    ORDER = "order"
    ACCEPTANCE = "acceptance"
    INVOICE = "invoice"


OWN_DEVICE, SHORT_CODE = "own_device", "code"
WAYS = {OWN_DEVICE: N_("本人设备"), SHORT_CODE: N_("短时验证码")}
"""How a consent was given: signed in on an own device, or by a short-lived code shown to the provider."""

CONSENTS = {
    ConsentStep.ORDER: N_("下单"),
    ConsentStep.ACCEPTANCE: N_("确认交付"),
    ConsentStep.INVOICE: N_("确认发票"),
}
