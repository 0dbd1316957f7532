"""Firms that belong together where they should not (二(四))."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from marketplace.base.context import Context
from marketplace.base.text import N_
from marketplace.oversight.relations import queries
from marketplace.oversight.relations.queries import Shared
from marketplace.people.organisations.models import Organisation
from marketplace.people.organisations.states import RELATIONS
from marketplace.policy.findings import limits
from marketplace.policy.findings.detectors import Detector, Suspicion
from marketplace.policy.findings.states import Severity

CLAUSE = "二(四)"
_NAMED = 6
"""Firms that a sentence names."""


def related(ctx: Context) -> Iterator[Suspicion]:
    """Enterprise and provider of an order with a voucher that belong together. A further relation is a new case."""
    for pair in queries.related(ctx, limits.of("party.related")["share_bps"]):
        yield Suspicion(
            subject_kind="organisation",
            subject_id=str(pair.enterprise_id),
            city=pair.city,
            pilot_id=pair.pilot_id,
            template=N_("“{enterprise}”与其订单的服务商“{provider}”疑似关联：{relations}。"),
            evidence={
                "enterprise": pair.enterprise,
                "provider": pair.provider,
                "relations": [RELATIONS[code] for code in pair.relations],
            },
            fingerprint=f"{pair.provider_id}:{pair.pilot_id}:{'+'.join(pair.relations)}",
            url=f"/organisations/{pair.enterprise_id}",
        )


def phones(ctx: Context) -> Iterator[Suspicion]:
    """Many firms of a city with one telephone."""
    least = limits.of("signup.phone")["firms"]
    template = N_("{count} 家企业以同一电话 {shared} 登记：{names}。")
    return (_shared(s, template) for s in queries.shared(ctx, queries.phone_key(), Organisation.phone, least))


def addresses(ctx: Context) -> Iterator[Suspicion]:
    """Many firms of a city at one address."""
    least = limits.of("signup.address")["firms"]
    template = N_("{count} 家企业以同一地址“{shared}”登记：{names}。")
    return (_shared(s, template) for s in queries.shared(ctx, queries.address_key(), Organisation.address, least))


def _shared(found: Shared, template: str) -> Suspicion:
    """Twice as many firms are a new case; a few more are not."""
    names = "、".join(found.names[:_NAMED]) + ("…" if len(found.names) > _NAMED else "")
    digest = hashlib.sha256(found.key.encode()).hexdigest()[:16]
    return Suspicion(
        subject_kind="organisation",
        subject_id=str(found.first_id),
        city=found.city,
        template=template,
        evidence={"count": len(found.names), "shared": found.value, "names": names},
        fingerprint=f"{digest}:{len(found.names).bit_length()}",
        url=f"/organisations/{found.first_id}",
    )


_SHARED = {"count": N_("企业数"), "shared": N_("相同内容"), "names": N_("企业名称")}
RULES = (
    Detector(
        "party.related",
        N_("订单双方疑似关联"),
        CLAUSE,
        Severity.WARN,
        related,
        evidence={"enterprise": N_("企业"), "provider": N_("服务商"), "relations": N_("关联情形")},
        limits={"share_bps": N_("股东持股不低于")},
    ),
    Detector(
        "signup.phone",
        N_("多家企业同一电话登记"),
        CLAUSE,
        Severity.WARN,
        phones,
        evidence=_SHARED,
        limits={"firms": N_("企业数不少于")},
    ),
    Detector(
        "signup.address",
        N_("多家企业同一地址登记"),
        CLAUSE,
        Severity.WARN,
        addresses,
        working_days=15,
        evidence=_SHARED,
        limits={"firms": N_("企业数不少于")},
    ),
)
