"""Reading schemes: a published version is public, a draft is seen where it is made."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from marketplace.base import paging, permissions
from marketplace.base.context import Context
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.text import N_
from marketplace.pilots.programmes.models import Pilot
from vouchers.schemes import permissions as verbs
from vouchers.schemes.models import Scheme, SchemeVersion, SubsidyTrace
from vouchers.schemes.states import VersionState

NEWEST = (paging.Key(Scheme.created_at, True), paging.Key(Scheme.id, True))
OLDEST = (paging.Key(Scheme.created_at), paging.Key(Scheme.id))


def visible(ctx: Context) -> Select[Scheme]:
    """Schemes this person may see; one with a published version is public."""
    published = select(SchemeVersion.scheme_id).where(SchemeVersion.state != VersionState.DRAFT)
    return permissions.visible(
        ctx, verbs.READ, select(Scheme), pilot=Scheme.pilot_id, city=Scheme.city, public=Scheme.id.in_(published)
    )


def get(ctx: Context, scheme_id: uuid.UUID) -> Scheme:
    """One scheme, or NotFound."""
    row = ctx.session.scalars(visible(ctx).where(Scheme.id == scheme_id)).one_or_none()
    if row is None:
        raise NotFound("scheme")
    return row


def lock(ctx: Context, scheme_id: uuid.UUID) -> Scheme:
    """One scheme, held until the end of the act: its versions follow one another."""
    statement = visible(ctx).where(Scheme.id == scheme_id).with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound("scheme")
    return row


def open_offers(ctx: Context, city: str) -> Sequence[tuple[str, SchemeVersion]]:
    """What the schemes of a city offer today: (pilot type, published version), ordered by version."""
    return [(kind, version) for kind, version, _ in offers_with_schemes(ctx, city)]


def offers_with_schemes(ctx: Context, city: str) -> Sequence[tuple[str, SchemeVersion, Scheme]]:
    """The same, each with its scheme."""
    rows = ctx.session.execute(
        select(Pilot.type, SchemeVersion, Scheme)
        .join(Pilot, Pilot.id == SchemeVersion.pilot_id)
        .join(Scheme, Scheme.id == SchemeVersion.scheme_id)
        .where(
            SchemeVersion.city == city,
            SchemeVersion.state == VersionState.PUBLISHED,
            SchemeVersion.use_by >= ctx.today,
        )
        .order_by(SchemeVersion.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def listed(
    ctx: Context,
    *,
    pilot_id: uuid.UUID | None = None,
    city: str | None = None,
    state: VersionState | None = None,
    usable: bool = False,
    words: str = "",
    order: Sequence[paging.Key] = NEWEST,
    limit: int = 50,
    cursor: str | None = None,
) -> paging.Page[Scheme]:
    """A page of schemes, newest first; `state` is that of `latest_of`, `usable` are those one can still order under."""
    wanted = [(Scheme.pilot_id, pilot_id), (Scheme.city, city)]
    statement = visible(ctx).where(*(column == value for column, value in wanted if value is not None))
    if state is not None:
        statement = statement.where(_stands(ctx, state))
    if usable:
        statement = statement.where(_has(VersionState.PUBLISHED, SchemeVersion.use_by >= ctx.today))
    if words:
        named = Scheme.name.contains(words, autoescape=True)
        statement = statement.where(or_(named, func.upper(Scheme.code) == words.upper()))
    return paging.fetch(ctx.session, statement, order, limit=limit, cursor=cursor)


def _has(state: VersionState, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(SchemeVersion.id).where(SchemeVersion.scheme_id == Scheme.id, SchemeVersion.state == state)
    return found.where(*conditions).exists()


def _stands(ctx: Context, state: VersionState) -> ColumnElement[bool]:
    """Schemes whose standing version is in a state: a published one, else a draft for those who may see it."""
    draft = and_(_has(VersionState.DRAFT), permissions.reach(ctx, verbs.READ, pilot=Scheme.pilot_id, city=Scheme.city))
    published = _has(VersionState.PUBLISHED)
    return {
        VersionState.PUBLISHED: published,
        VersionState.DRAFT: and_(not_(published), draft),
        VersionState.CLOSED: and_(not_(published), not_(draft), _has(VersionState.CLOSED)),
    }[state]


def latest_of(ctx: Context, schemes: Sequence[Scheme]) -> dict[uuid.UUID, SchemeVersion]:
    """The version that stands for each of several schemes: the published one, else the latest this person may see."""
    by_id = {scheme.id: scheme for scheme in schemes}
    wanted = select(SchemeVersion).where(SchemeVersion.scheme_id.in_(by_id))
    found: dict[uuid.UUID, SchemeVersion] = {}
    for version in ctx.session.scalars(wanted.order_by(SchemeVersion.number)):
        known = found.get(version.scheme_id)
        if known is not None and known.state is VersionState.PUBLISHED:
            continue
        if version.state is not VersionState.DRAFT or ctx.may(verbs.READ, by_id[version.scheme_id]):
            found[version.scheme_id] = version
    return found


def versions(ctx: Context, scheme: Scheme) -> Sequence[SchemeVersion]:
    """The versions of a scheme that this person may see, latest first."""
    statement = select(SchemeVersion).where(SchemeVersion.scheme_id == scheme.id)
    if not ctx.may(verbs.READ, scheme):
        statement = statement.where(SchemeVersion.state != VersionState.DRAFT)
    return ctx.session.scalars(statement.order_by(SchemeVersion.number.desc())).all()


def version(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    """One version by its id; vouchers keep it, so it is read without asking who looks."""
    return ctx.session.get_one(SchemeVersion, version_id)


def open_version(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    """A published version of a scheme this person makes vouchers under; refuses drafts and closed ones."""
    row = ctx.session.get(SchemeVersion, version_id)
    if row is None or not ctx.may(verbs.READ, row):
        raise NotFound("scheme_version")
    if row.state is not VersionState.PUBLISHED:
        raise Refusal("scheme.not_open", N_("该方案版本未发布或已停止发券。"), field="version_id")
    return row


def offered(ctx: Context, version_id: uuid.UUID) -> SchemeVersion:
    """A published version, for whoever would have a voucher under it; refuses a closed one, a draft is not found."""
    row = ctx.session.get(SchemeVersion, version_id)
    if row is None or row.state is VersionState.DRAFT:
        raise NotFound("scheme_version")
    if row.state is not VersionState.PUBLISHED:
        raise Refusal("scheme.not_open", N_("该方案版本未发布或已停止发券。"), field="version_id")
    return row


def published(ctx: Context, scheme_id: uuid.UUID) -> SchemeVersion | None:
    """The version of a scheme that is open now, if any."""
    wanted = select(SchemeVersion).where(
        SchemeVersion.scheme_id == scheme_id, SchemeVersion.state == VersionState.PUBLISHED
    )
    return ctx.session.scalars(wanted).one_or_none()


def traces(ctx: Context, order_id: uuid.UUID) -> Sequence[SubsidyTrace]:
    """How an order's subsidy was computed, earliest stage first; the caller has authorised the order."""
    return ctx.session.scalars(
        select(SubsidyTrace)
        .where(SubsidyTrace.order_id == order_id)
        .order_by(SubsidyTrace.created_at, SubsidyTrace.stage.desc())
    ).all()
