"""The people of a place: who acts as what, inviting, ending roles, shutting out."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, url_for
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import LABELS, Role
from marketplace.base.text import N_
from marketplace.people.accounts import actions, invitations, places, queries, rules
from marketplace.people.accounts.listings import PEOPLE
from marketplace.people.accounts.models import Invitation
from marketplace.people.accounts.permissions import BLOCK, GRANT, READ
from marketplace.people.accounts.schemas import InviteSchema
from marketplace.people.organisations import queries as organisations
from marketplace.people.regions import picker
from marketplace.people.regions.states import RegionKind
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading
from marketplace.web.security import access

bp = Blueprint("people", __name__, url_prefix="/account")
FIRMS = (Role.ENTERPRISE, Role.PROVIDER)


@bp.get("/people")
@access(READ)
def index() -> str | Response:
    ctx = reading()
    return PEOPLE.answer(
        "accounts/people.html",
        ctx=ctx,
        labels=LABELS,
        invited=queries.open_invitations(ctx),
        grants=_grants(ctx),
        may_invite=ctx.may(GRANT),
        may_block=ctx.may(BLOCK),
    )


def _grants(ctx: Context) -> list[Role]:
    """The roles that the acting person may give, in the usual order."""
    given = rules.GRANTS.get(ctx.who.role, frozenset()) if ctx.who.role else frozenset()
    return [role for role in Role if role in given]


@bp.route("/people/invite", methods=["GET", "POST"])
@access(GRANT)
def invite() -> Any:
    """Offer a role to a phone number. The link stands on the answer of this POST and nowhere else."""
    ctx = reading()
    given = _grants(ctx)
    form = Form(InviteSchema, values={"role": given[0].value if len(given) == 1 else ""})
    link = None
    if form.submitted and form.act(_invite):
        base = current_app.extensions["settings"].public_url.rstrip("/")
        link = base + url_for("door.join", secret=form.result[1])
        form.values = {}
    ctx = reading()
    in_firm = ctx.who.role in FIRMS
    return render(
        "accounts/invite.html",
        ctx=ctx,
        form=form,
        link=link,
        roles=[(role.value, say(LABELS[role])) for role in given],
        in_firm=in_firm,
        pilots=[] if in_firm else places.choices(ctx),
        regions=None if in_firm else _regions(ctx),
        may_name_organisation=ctx.who.role is Role.ADMIN,
        days=rules.INVITATION_DAYS,
    ), form.status


def _regions(ctx: Context) -> picker.Picker:
    """Places an authority's officer may be given: the own city, or everything for an administrator."""
    own = {ctx.who.region} if ctx.who.role is Role.CITY and ctx.who.region else ()
    return picker.picker(ctx, *RegionKind, only=own)


def _invite(ctx: Context, data: dict[str, Any]) -> tuple[Invitation, str]:
    role, organisation_id = data["role"], None
    if ctx.who.role in FIRMS:
        organisation_id = ctx.who.organisation_id
    elif data["uscc"]:
        found = organisations.by_uscc(ctx, data["uscc"])
        if found is None:
            raise Refusal("organisation.unknown", N_("没有使用该代码的单位。"), field="uscc")
        organisation_id = found.id
    return invitations.invite(
        ctx,
        data["phone"],
        role,
        organisation_id=organisation_id,
        pilot_id=data["pilot_id"],
        region=data["region"],
        last_day=data["last_day"],
    )


@bp.post("/assignments/<uuid:assignment_id>/revoke")
@access(GRANT)
def revoke(assignment_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.revoke(ctx, assignment_id))
    return done(N_("身份已撤销。"), url_for("people.index"))


@bp.post("/invitations/<uuid:invitation_id>/withdraw")
@access(GRANT)
def withdraw(invitation_id: uuid.UUID) -> Response:
    act(lambda ctx: invitations.withdraw(ctx, invitation_id))
    return done(N_("邀请已撤回。"), url_for("people.index"))


@bp.post("/people/<uuid:person_id>/block")
@access(BLOCK)
def block(person_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.block(ctx, person_id))
    return done(N_("账号已停用。"), url_for("people.index"))


@bp.post("/people/<uuid:person_id>/unblock")
@access(BLOCK)
def unblock(person_id: uuid.UUID) -> Response:
    act(lambda ctx: actions.unblock(ctx, person_id))
    return done(N_("账号已恢复。"), url_for("people.index"))
