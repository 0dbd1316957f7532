"""Pages: the addresses of one's organisation, and what became of each message."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.webhooks import actions, queries, rules
from marketplace.people.webhooks.listings import DELIVERIES, WEBHOOKS, labels, outcome
from marketplace.people.webhooks.permissions import MANAGE
from marketplace.people.webhooks.schemas import WebhookFormSchema
from marketplace.people.webhooks.states import DELIVERY, WEBHOOK, WebhookState
from marketplace.people.webhooks.topics import known
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import access

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@bp.get("")
@access(MANAGE)
def index() -> str | Response:
    ctx = reading()
    return WEBHOOKS.answer("webhooks/index.html", ctx=ctx, most=rules.MOST, room=queries.how_many(ctx) < rules.MOST)


def _choices(ctx: Context) -> list[tuple[str, str]]:
    return [(name, f"{say(topic.label)} ({name})") for name, topic in known(ctx.house).items()]


@bp.route("/new", methods=["GET", "POST"])
@access(MANAGE)
def new() -> Any:
    """Register an address. Its secret stands on the answer of this POST and nowhere else."""
    form = Form(WebhookFormSchema)
    if form.submitted and form.act(lambda ctx, data: actions.register(ctx, **data)):
        return _told(form.result.id)
    ctx = reading()
    return render("webhooks/form.html", ctx=ctx, form=form, webhook=None, topics=_choices(ctx)), form.status


def _told(webhook_id: uuid.UUID) -> str:
    """The page that shows a secret, once."""
    ctx = reading()
    webhook = queries.get(ctx, webhook_id)
    return render("webhooks/secret.html", ctx=ctx, webhook=webhook, secret=actions.secret_of(ctx, webhook))


@bp.get("/<uuid:webhook_id>")
@access(MANAGE)
def show(webhook_id: uuid.UUID) -> str | Response:
    ctx = reading()
    webhook = queries.get(ctx, webhook_id)
    named = labels(ctx)
    return DELIVERIES.answer(
        "webhooks/show.html",
        ctx=ctx,
        given={"webhook_id": webhook_id},
        webhook=webhook,
        topics=[named.get(name, name) for name in queries.topics_of(ctx, [webhook_id])[webhook_id]],
        active=webhook.state is WebhookState.ACTIVE,
        may_resume=WEBHOOK.allows(webhook, "resume"),
    )


@bp.route("/<uuid:webhook_id>/change", methods=["GET", "POST"])
@access(MANAGE)
def change(webhook_id: uuid.UUID) -> Any:
    ctx = reading()
    webhook = queries.get(ctx, webhook_id)
    values = {"url": webhook.url, "note": webhook.note, "topics": queries.topics_of(ctx, [webhook_id])[webhook_id]}
    form = Form(WebhookFormSchema, values=values)
    if form.submitted and form.act(lambda ctx, data: actions.change(ctx, webhook_id, **data)):
        return done(N_("推送地址已更改。"), url_for("webhooks.show", webhook_id=webhook_id))
    return render("webhooks/form.html", form=form, webhook=webhook, topics=_choices(ctx)), form.status


@bp.post("/<uuid:webhook_id>/secret")
@access(MANAGE)
def rotate(webhook_id: uuid.UUID) -> str:
    """A new secret, on the answer of this POST and nowhere else."""
    act(lambda ctx: actions.rotate(ctx, webhook_id))
    return _told(webhook_id)


@bp.post("/<uuid:webhook_id>/pause")
@access(MANAGE)
def pause(webhook_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.pause(ctx, webhook_id))
    return done(N_("推送已暂停，期间的消息会留存。"), url_for("webhooks.show", webhook_id=webhook_id))


@bp.post("/<uuid:webhook_id>/resume")
@access(MANAGE)
def resume(webhook_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.resume(ctx, webhook_id))
    return done(N_("推送已恢复，留存的消息随即发出。"), url_for("webhooks.show", webhook_id=webhook_id))


@bp.post("/<uuid:webhook_id>/test")
@access(MANAGE)
def test(webhook_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.test(ctx, webhook_id))
    return done(N_("测试消息已排队，几秒后可查看结果。"), url_for("webhooks.show", webhook_id=webhook_id))


@bp.post("/<uuid:webhook_id>/remove")
@access(MANAGE)
def remove(webhook_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.remove(ctx, webhook_id))
    return done(N_("已删除该推送地址。"), url_for("webhooks.index"))


@bp.get("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
@access(MANAGE)
def delivery(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> str:
    ctx = reading()
    found = queries.delivery(ctx, webhook_id, delivery_id)
    webhook = queries.get(ctx, webhook_id)
    return render(
        "webhooks/delivery.html",
        ctx=ctx,
        webhook=webhook,
        delivery=found,
        label=labels(ctx).get(found.topic, found.topic),
        outcome=outcome(found),
        may_replay=webhook.state is WebhookState.ACTIVE and DELIVERY.allows(found, "replay"),
    )


@bp.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay")
@access(MANAGE)
def replay(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.replay(ctx, webhook_id, delivery_id))
    return done(
        N_("已重新排队，消息编号不变。"),
        url_for("webhooks.delivery", webhook_id=webhook_id, delivery_id=delivery_id),
    )
