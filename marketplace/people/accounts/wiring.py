"""What this chapter plugs into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.roles import Role
from marketplace.base.stage import SCENES
from marketplace.base.text import N_
from marketplace.people.accounts import api, loaders, queries, recipients, resets, scenes, signing, subscribers
from marketplace.people.accounts.pages import door, own, people
from marketplace.people.accounts.permissions import MATRIX, READ
from marketplace.people.organisations import events
from marketplace.record.audit import queries as audit
from marketplace.record.audit.words import WORDS, Words
from marketplace.record.notices import mail, sms
from marketplace.record.notices.actions import RECIPIENTS
from marketplace.record.notices.outbox import OUTBOX_HANDLERS, Handler
from marketplace.web import nav, signin

ACTS = Words(
    kinds={
        "person": N_("人员"),
        "assignment": N_("任职"),
        "web_session": N_("登录会话"),
        "api_token": N_("接口访问令牌"),
        "invitation": N_("人员邀请"),
        "password_reset": N_("密码重设链接"),
    },
    verbs={
        "person.created": N_("创建人员账号"),
        "person.signed_up": N_("自行注册账号"),
        "person.changed": N_("修改个人资料"),
        "person.blocked": N_("停用人员"),
        "person.unblocked": N_("恢复人员"),
        "person.password_changed": N_("更改登录密码"),
        "person.password_set": N_("重设密码"),
        "person.password_reset": N_("凭链接重设密码"),
        "password_reset.sent": N_("发出密码重设链接"),
        "invitation.made": N_("发出邀请"),
        "invitation.accepted": N_("应邀加入"),
        "invitation.withdrawn": N_("收回邀请"),
        "assignment.granted": N_("授予身份"),
        "assignment.revoked": N_("收回身份"),
        "assignment.left": N_("主动卸任"),
        "session.opened": N_("登录平台"),
        "session.ended": N_("退出登录状态"),
        "token.made": N_("创建接口令牌"),
        "token.revoked": N_("作废接口令牌"),
    },
)


def wire(house: House) -> None:
    """Permissions, who is at the door, pages, and what happens when an organisation is registered or claimed."""
    house.matrix.add(MATRIX)
    house.add(WORDS, ACTS)
    house.add(signin.SESSION_LOADER, loaders.by_session)
    house.add(signin.TOKEN_LOADER, loaders.by_token)
    house.subscribe(events.OrganisationRegistered, subscribers.seat_founder)
    house.subscribe(events.PaperFiled, subscribers.open_paper_to_pilots)
    house.subscribe(events.OwnershipClaimed, subscribers.refuse_own_claim)
    house.subscribe(events.OwnershipDecided, subscribers.seat_claimant)
    house.subscribe(events.AccountConfirmed, subscribers.refuse_own_invitee)
    house.add(RECIPIENTS, recipients.addresses)
    house.add(OUTBOX_HANDLERS, Handler(resets.ASKED, inside=resets.answer, label=N_("找回密码")))
    house.add(
        OUTBOX_HANDLERS, Handler(resets.BY_MAIL, send=resets.send_mail, ready=mail.ready, label=N_("找回密码邮件"))
    )
    house.add(OUTBOX_HANDLERS, Handler(resets.BY_SMS, send=resets.send_sms, ready=sms.ready, label=N_("找回密码短信")))
    house.add(audit.NAMES, queries.names)
    house.add(audit.NAMED, queries.named)
    house.add(audit.ELSEWHERE, queries.elsewhere)
    house.add(JOBS, Job("accounts.sweep", N_("清理过期的登录与计数"), signing.sweep, at="03:40"))
    for blueprint in (door.bp, own.bp, people.bp):
        house.add(nav.BLUEPRINTS, blueprint)
    house.add(nav.API_BLUEPRINTS, api.bp)
    house.add(nav.TASKS, own.tasks)
    officers = frozenset({Role.ADMIN, Role.CITY, Role.AUDITOR})
    house.add(
        nav.MENU,
        nav.MenuEntry(
            "people.index", N_("人员"), READ, order=950, roles=officers, group="pilots", front=frozenset({Role.ADMIN})
        ),
    )
    for scene in scenes.scenes():
        house.add(SCENES, scene)
