"""The automatic quota: each enterprise on the pilot's list gets one voucher of a scheme without asking for it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.base.context import Context
from marketplace.base.errors import Refusal
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.pilots.members import queries as members
from marketplace.pilots.programmes import queries as pilots
from marketplace.policy.findings import actions as findings
from marketplace.policy.findings.detectors import Detector, Suspicion
from marketplace.policy.findings.states import Severity
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from vouchers.funds import queries as funds
from vouchers.ledger.models.commitments import Voucher
from vouchers.schemes import queries as schemes
from vouchers.schemes import rules as terms
from vouchers.schemes.models import SchemeVersion
from vouchers.schemes.states import VersionState
from vouchers.wallets import issuing, permissions, queries
from vouchers.wallets.issuing import Award

SHORT = "voucher.automatic_short"
SUSPICION = Detector(
    SHORT,
    N_("自动额度未能全部发放"),
    terms.CLAUSE,
    Severity.WARN,
    owner=Role.PILOT,
    evidence={"scheme": N_("方案"), "count": N_("尚未得到的企业数")},
)


@dataclass(frozen=True)
class Given:
    """How many vouchers were issued, for how much in fen; how many enterprises still wait, and why, if anything."""

    count: int
    total_fen: int
    left: int
    why: Refusal | None = None


def waiting(ctx: Context, version: SchemeVersion) -> list[uuid.UUID]:
    """The enterprises that are to get the automatic voucher, the most urgent first: those that may be helped (二(一)),
    are not banned, and never had a voucher of the scheme."""
    had = select(Voucher.enterprise_id).where(
        Voucher.scheme_version_id.in_(select(SchemeVersion.id).where(SchemeVersion.scheme_id == version.scheme_id))
    )
    got = set(ctx.session.scalars(had.distinct()))
    found = [one for one in members.in_need(ctx, version.pilot_id) if one not in got]
    bans = sanctions.active_among(ctx, Subject.ORGANISATION, found, ctx.today)
    return [one for one in found if str(one) not in bans]


def give(ctx: Context, version_id: uuid.UUID, *, reason: str = "") -> Given:
    """Issue the automatic voucher of a published version to all that wait for it, as far as the money goes.

    The scheme is locked meanwhile: of two that give at once the second finds nobody waiting. Where the engine warns of
    what it does, it takes a `reason` (四(二)). Refuses when nobody could be given anything, with what stood against it.
    """
    version = schemes.open_version(ctx, version_id)
    ctx.require(permissions.ISSUE, version)
    pilots.require_running(ctx, version.pilot_id)
    issuing.check_open(version, ctx.today)
    schemes.lock(ctx, version.scheme_id)
    if version.automatic_fen is None:
        raise Refusal("scheme.not_automatic", N_("该方案没有设自动额度。"), clause=terms.CLAUSE)
    given = _give(ctx, version, version.automatic_fen, waiting(ctx, version), reason)
    if given.why is not None and not given.count:
        raise given.why
    return given


def _give(ctx: Context, version: SchemeVersion, face: int, those: Sequence[uuid.UUID], reason: str) -> Given:
    """To as many as there is money for. Where the engine has something against all of them together, it is asked for
    each half: so one that has too much already keeps nobody else from his voucher."""
    room = _room(ctx, version) // face
    count, why = 0, None if room >= len(those) else _exhausted(len(those), room)
    stack = [those[:room]] if room and those else []
    while stack:
        some = stack.pop()
        try:
            key = f"automatic:{version.id}:{_digest(some)}"
            issuing.award(ctx, version, [Award(one, face) for one in some], key=key, reason=reason, field=None)
        except Refusal as refusal:
            why = refusal
            if len(some) > 1:
                stack += [some[len(some) // 2 :], some[: len(some) // 2]]
            elif refusal.code != "enterprise.cap":
                break  # it stands against the pilot: whoever comes next hears the same
        else:
            count += len(some)
    return Given(count, count * face, len(those) - count, why)


def _room(ctx: Context, version: SchemeVersion) -> int:
    """What may still be issued under a version, in fen: of its line, and of the scheme's total."""
    left = funds.line_of(ctx, version.pilot_id, version.category).available
    if version.cap_scheme_fen is not None:
        left = min(left, version.cap_scheme_fen - queries.issued_under(ctx, version.scheme_id))
    return max(left, 0)


def _exhausted(wanted: int, room: int) -> Refusal:
    return Refusal(
        "scheme.automatic_short",
        N_("额度只够 {room} 家，还有 {left} 家未得到；请财政经办增加本用途的额度，或调整方案发券总额。"),
        clause="四(一)",
        room=room,
        left=wanted - room,
    )


def _digest(those: Sequence[uuid.UUID]) -> str:
    return hashlib.sha256(b"".join(one.bytes for one in sorted(those))).hexdigest()[:32]


def give_all(ctx: Context) -> str:
    """Give what every open scheme with an automatic quota has to give; where somebody is left without, the pilot office
    has a case of it, one a month. Job ``wallets.automatic``."""
    wanted = select(SchemeVersion.id).where(
        SchemeVersion.state == VersionState.PUBLISHED,
        SchemeVersion.automatic_fen.is_not(None),
        SchemeVersion.use_by >= ctx.today,
    )
    count = 0
    for version_id in ctx.session.scalars(wanted.order_by(SchemeVersion.id)).all():
        try:
            given = give(ctx, version_id)
        except Refusal:
            version = schemes.version(ctx, version_id)
            given = Given(0, 0, len(waiting(ctx, version)))
        count += given.count
        if given.left:
            _report(ctx, schemes.version(ctx, version_id), given.left)
    return f"{count} vouchers" if count else ""


def _report(ctx: Context, version: SchemeVersion, left: int) -> None:
    findings.open(
        ctx,
        detector=SHORT,
        clause=SUSPICION.clause,
        severity=SUSPICION.severity,
        owner=SUSPICION.owner,
        suspicion=Suspicion(
            subject_kind="scheme_version",
            subject_id=str(version.id),
            city=version.city,
            pilot_id=version.pilot_id,
            template=N_("方案“{scheme}”的自动额度还有 {count} 家企业未得到。"),
            evidence={"scheme": schemes.get(ctx, version.scheme_id).name, "count": left},
            fingerprint=f"{ctx.today:%Y-%m}",
            url=f"/vouchers/issue/{version.id}",
        ),
    )
