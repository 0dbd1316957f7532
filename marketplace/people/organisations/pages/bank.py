"""Bank accounts: proposing, confirming by a second person, stopping."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.people.organisations import actions, queries, rules
from marketplace.people.organisations.listings import ACCOUNTS
from marketplace.people.organisations.models import BankAccount
from marketplace.people.organisations.pages import glue
from marketplace.people.organisations.permissions import (
    CONFIRM_ACCOUNT,
    PROPOSE_ACCOUNT,
    READ_ACCOUNT,
    STOP_ACCOUNT,
)
from marketplace.people.organisations.schemas import AccountForm, ReasonForm
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import access

bp = Blueprint("bank_accounts", __name__, url_prefix="/organisations")


def _back(organisation_id: uuid.UUID) -> str:
    return url_for("bank_accounts.index", organisation_id=organisation_id)


@bp.get("/<uuid:organisation_id>/accounts")
@access(READ_ACCOUNT)
def index(organisation_id: uuid.UUID) -> str:
    ctx = reading()
    organisation = queries.get(ctx, organisation_id)
    return render(
        "organisations/accounts.html",
        ctx=ctx,
        organisation=organisation,
        accounts=queries.accounts(ctx, organisation_id),
        may_propose=ctx.may(PROPOSE_ACCOUNT, organisation),
        may_confirm=ctx.may(CONFIRM_ACCOUNT, organisation),
        may_stop=ctx.may(STOP_ACCOUNT, organisation),
        days=rules.COOLING_WORKDAYS,
    )


@bp.get("/accounts")
@access(CONFIRM_ACCOUNT)
def waiting() -> str | Response:
    """Proposed accounts that wait for this person as the second one."""
    return ACCOUNTS.answer("organisations/waiting_accounts.html")


@bp.route("/<uuid:organisation_id>/accounts/new", methods=["GET", "POST"])
@access(PROPOSE_ACCOUNT)
def propose(organisation_id: uuid.UUID) -> Any:
    organisation = queries.get(reading(), organisation_id)
    form = Form(AccountForm, values={"holder_name": organisation.name})
    if form.submitted and form.act(lambda ctx, data: _propose(ctx, organisation_id, data)):
        return done(N_("已提出，等待另一人复核。"), _back(organisation_id))
    return render(
        "organisations/account_new.html", form=form, organisation=organisation, days=rules.COOLING_WORKDAYS
    ), form.status


def _propose(ctx: Context, organisation_id: uuid.UUID, data: dict[str, Any]) -> BankAccount:
    upload = data.pop("document")
    document_id = glue.stored(ctx, upload, queries.get(ctx, organisation_id), "organisation.bank_account")
    return actions.propose_account(ctx, organisation_id, **data, document_id=document_id)


@bp.post("/accounts/<uuid:account_id>/confirm")
@access(CONFIRM_ACCOUNT)
def confirm(account_id: uuid.UUID) -> Response:
    account = act(lambda ctx: actions.confirm_account(ctx, account_id))
    return done(N_("账户已复核，冷静期后启用。"), _back(account.organisation_id))


def _about(account: BankAccount) -> list[tuple[str, str]]:
    """Which account is decided on, so that nobody refuses or stops the wrong one."""
    return [
        (say(N_("户名")), account.holder_name),
        (say(N_("开户行")), account.bank_name),
        (say(N_("账号")), account.number),
    ]


@bp.route("/accounts/<uuid:account_id>/refuse", methods=["GET", "POST"])
@access(CONFIRM_ACCOUNT)
def refuse(account_id: uuid.UUID) -> Any:
    account, organisation = queries.account(reading(), account_id)
    form = Form(ReasonForm)
    if form.submitted and form.act(lambda ctx, data: actions.refuse_account(ctx, account_id, **data)):
        return done(N_("账户未通过复核。"), _back(organisation.id))
    return render(
        "organisations/reason.html",
        form=form,
        title=N_("不通过复核"),
        lead=organisation.name,
        about=_about(account),
        hint=N_("写明原因，单位成员会看到。"),
        label=N_("退回账户"),
        back=(organisation.name, _back(organisation.id)),
    ), form.status


@bp.route("/accounts/<uuid:account_id>/stop", methods=["GET", "POST"])
@access(STOP_ACCOUNT)
def stop(account_id: uuid.UUID) -> Any:
    account, organisation = queries.account(reading(), account_id)
    form = Form(ReasonForm)
    if form.submitted and form.act(lambda ctx, data: actions.stop_account(ctx, account_id, **data)):
        return done(N_("账户已停用。"), _back(organisation.id))
    return render(
        "organisations/reason.html",
        form=form,
        title=N_("停用收款账户"),
        lead=organisation.name,
        about=_about(account),
        hint=N_("停用立即生效；重新启用需要再次提出并复核。"),
        label=N_("停用"),
        back=(organisation.name, _back(organisation.id)),
    ), form.status
