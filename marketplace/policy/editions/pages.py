"""Pages: what the policy demands, readable for an owner and for an auditor."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as FileResponse

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_
from marketplace.policy.books import shelf
from marketplace.policy.editions import actions, queries
from marketplace.policy.editions.listings import EDITIONS
from marketplace.policy.editions.models import BookEdition
from marketplace.policy.editions.permissions import PUBLISH
from marketplace.policy.editions.schemas import RuleBookPublicationFormSchema
from marketplace.web.html import Form, done, render
from marketplace.web.runtime import reading
from marketplace.web.security import PUBLIC, access

bp = Blueprint("editions", __name__, url_prefix="/policy")


@bp.get("")
@access(PUBLIC)
def index() -> str | FileResponse:
    ctx = reading()
    return EDITIONS.answer("editions/index.html", ctx=ctx, may_publish=ctx.may(PUBLISH))


@bp.get("/<uuid:edition_id>")
@access(PUBLIC)
def show(edition_id: uuid.UUID) -> str:
    ctx = reading()
    edition = queries.get(ctx, edition_id)
    newest = queries.current(ctx, edition.code)
    return render("editions/show.html", ctx=ctx, edition=edition, book=queries.book(ctx, edition_id), newest=newest)


@bp.get("/<uuid:edition_id>/text")
@access(PUBLIC)
def text(edition_id: uuid.UUID) -> Response:
    """The text as published, to keep and to compare."""
    edition = queries.get(reading(), edition_id)
    answer = Response(edition.text, mimetype="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{edition.code}@{edition.version}.toml"'
    return answer


@bp.route("/publish", methods=["GET", "POST"])
@access(PUBLISH)
def publish() -> Any:
    form = Form(RuleBookPublicationFormSchema)
    if form.submitted and form.act(_publish):
        return done(N_("已发布。"), url_for("editions.show", edition_id=form.result.id))
    return render("editions/publish.html", form=form, books=[(code, code) for code in shelf.available()]), form.status


def _publish(ctx: Context, data: dict[str, Any]) -> BookEdition:
    if (data["code"] is None) == (data["file"] is None):
        raise Invalid({"code": [N_("请选择一部政策规则，或者上传文件，二者择一。")]})
    if data["file"] is None:
        return actions.publish(ctx, data["code"])
    data["file"].stream.seek(0)  # a second try of the act reads it again
    return actions.publish_file(ctx, data["file"].read())
