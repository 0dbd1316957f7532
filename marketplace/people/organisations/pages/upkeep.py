"""Keeping an organisation's facts, papers and owners up to date."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, request, url_for

from marketplace.base import money
from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import facts, queries, rules
from marketplace.people.organisations.models import OrganisationFact, Shareholding
from marketplace.people.organisations.pages import glue
from marketplace.people.organisations.permissions import CHANGE
from marketplace.people.organisations.schemas import ChangeForm, PaperForm, ShareholdersForm, value_of
from marketplace.people.organisations.states import FACT_LABELS, NEEDS_OFFICER, PAPER_LABELS, FactKind, FactState
from marketplace.web.html import Form, done, render
from marketplace.web.i18n import say
from marketplace.web.runtime import reading
from marketplace.web.security import access

bp = Blueprint("upkeep", __name__, url_prefix="/organisations")


def _back(organisation_id: uuid.UUID) -> str:
    return url_for("organisations.show", organisation_id=organisation_id)


@bp.route("/<uuid:organisation_id>/change", methods=["GET", "POST"])
@access(CHANGE)
def change(organisation_id: uuid.UUID) -> Any:
    """State a new value of one fact; `?kind=` says which."""
    ctx = reading()
    organisation = queries.get(ctx, organisation_id)
    wanted = request.values.get("kind", "")
    kind = FactKind(wanted) if wanted in set(FactKind) else FactKind.PHONE
    values: dict[str, Any] = {"kind": kind.value, "value": "", "employees": organisation.employees}
    if kind is not FactKind.SIZE:
        values["value"] = facts.current(organisation, kind)
    elif organisation.revenue_fen is not None:
        values["revenue"] = money.plain(organisation.revenue_fen)
    form = Form(ChangeForm, values=values)
    if form.submitted and form.act(lambda ctx, data: _change(ctx, organisation_id, data)):
        waits = form.result.state is FactState.PROPOSED
        return done(N_("已提交，等待主管部门核实。") if waits else N_("已变更。"), _back(organisation_id))
    ctx = reading()
    return render(
        "organisations/change.html",
        ctx=ctx,
        form=form,
        organisation=organisation,
        kind=kind,
        kinds=FACT_LABELS,
        needs_officer=kind in NEEDS_OFFICER,
        places=glue.place_options(ctx) if kind is FactKind.REGION else None,
        industries=glue.industry_options() if kind is FactKind.INDUSTRY else [],
    ), form.status


def _change(ctx: Context, organisation_id: uuid.UUID, data: dict[str, Any]) -> OrganisationFact:
    organisation = queries.get(ctx, organisation_id)
    document_id = glue.stored(ctx, data["document"], organisation, "organisation.evidence")
    return facts.change(ctx, organisation_id, data["kind"], value_of(data), document_id)


@bp.route("/<uuid:organisation_id>/papers", methods=["GET", "POST"])
@access(CHANGE)
def papers(organisation_id: uuid.UUID) -> Any:
    """Put licence, proof of identity or authorisation into the file."""
    organisation = queries.get(reading(), organisation_id)
    form = Form(PaperForm)
    if form.submitted and form.act(lambda ctx, data: _file(ctx, organisation_id, data)):
        return done(N_("文件已归档。"), _back(organisation_id))
    return render(
        "organisations/paper.html",
        form=form,
        organisation=organisation,
        kinds=[(kind.value, say(label)) for kind, label in PAPER_LABELS.items()],
    ), form.status


def _file(ctx: Context, organisation_id: uuid.UUID, data: dict[str, Any]) -> Any:
    organisation = queries.get(ctx, organisation_id)
    document_id = glue.stored(ctx, data["document"], organisation, f"organisation.{data['kind'].value}")
    assert document_id is not None
    return facts.file_paper(ctx, organisation_id, data["kind"], document_id)


@bp.route("/<uuid:organisation_id>/shareholders", methods=["GET", "POST"])
@access(CHANGE)
def shareholders(organisation_id: uuid.UUID) -> Any:
    """State who owns the organisation: one owner per line."""
    ctx = reading()
    organisation = queries.get(ctx, organisation_id)
    lines = [_line(row) for row in queries.shareholders(ctx, organisation_id)]
    form = Form(ShareholdersForm, values={"shareholders": "\n".join(lines)})
    if form.submitted and form.act(
        lambda ctx, data: facts.state_shareholders(ctx, organisation_id, _holders(data["shareholders"]))
    ):
        return done(N_("股东信息已更新。"), _back(organisation_id))
    return render("organisations/shareholders.html", form=form, organisation=organisation), form.status


def _line(row: Shareholding) -> str:
    share = f"{row.share_bps // 100}.{row.share_bps % 100:02d}%"
    return " ".join(part for part in (row.holder_name, share, row.holder_uscc or "") if part)


def _holders(text: str) -> list[rules.Holder]:
    """Owners from lines like ``张三 60%`` or ``江西某某有限公司 40% 91360900…``."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        match = re.fullmatch(r"(.+?)[\s,，]+([\d.]+)\s*[%％]?(?:[\s,，]+(\w+))?", line.strip())
        try:
            bps = int(Decimal(match[2]) * 100) if match else 0
        except InvalidOperation:
            bps = 0
        if match is None or not bps:
            raise Refusal(
                "shareholders.line",
                N_("“{line}”应写作：名称 比例 统一社会信用代码。"),
                field="shareholders",
                line=line[:60],
            )
        found.append(rules.Holder(match[1].strip(), match[3], bps))
    return found
