"""What a registered address and one delivery to it may be."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    REMOVED = "removed"


WEBHOOK = Lifecycle(
    "webhook",
    {
        "pause": (WebhookState.ACTIVE, WebhookState.PAUSED),
        "stop": (WebhookState.ACTIVE, WebhookState.STOPPED),
        "resume": ({WebhookState.PAUSED, WebhookState.STOPPED}, WebhookState.ACTIVE),
        "remove": ({WebhookState.ACTIVE, WebhookState.PAUSED, WebhookState.STOPPED}, WebhookState.REMOVED),
    },
    labels={
        WebhookState.ACTIVE: N_("推送中"),
        WebhookState.PAUSED: N_("已暂停推送"),
        WebhookState.STOPPED: N_("平台已停推"),
        WebhookState.REMOVED: N_("推送地址已删除"),
    },
    tones={WebhookState.ACTIVE: "ok", WebhookState.PAUSED: "warn", WebhookState.STOPPED: "bad"},
)


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


DELIVERY = Lifecycle(
    "webhook_delivery",
    {
        "deliver": (DeliveryState.WAITING, DeliveryState.DELIVERED),
        "give_up": (DeliveryState.WAITING, DeliveryState.GIVEN_UP),
        "replay": ({DeliveryState.DELIVERED, DeliveryState.GIVEN_UP}, DeliveryState.WAITING),
    },
    labels={
        DeliveryState.WAITING: N_("等待送达"),
        DeliveryState.DELIVERED: N_("对方已收到"),
        DeliveryState.GIVEN_UP: N_("已放弃推送"),
    },
    tones={DeliveryState.WAITING: "warn", DeliveryState.DELIVERED: "ok", DeliveryState.GIVEN_UP: "bad"},
)


class Problem(StrEnum):
    """Why an attempt failed."""

    ADDRESS = "address"
    NAME = "name"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    STATUS = "status"
    GONE = "gone"
    ANSWER = "answer"


PROBLEMS = {
    Problem.ADDRESS: N_("域名指向不允许推送的网络地址"),
    Problem.NAME: N_("域名无法解析"),
    Problem.CONNECTION: N_("无法连接对方服务器"),
    Problem.TLS: N_("对方的证书无法验证"),
    Problem.TIMEOUT: N_("对方未在时限内应答"),
    Problem.REDIRECT: N_("对方要求跳转，平台不跟随跳转"),
    Problem.STATUS: N_("对方应答的状态码不是 2xx"),
    Problem.GONE: N_("对方应答 410，表示不再接收"),
    Problem.ANSWER: N_("对方的应答不是有效的 HTTP"),
}
