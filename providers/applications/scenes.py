"""Providers of the made-up city: they register, are confirmed, and keep their dossiers."""

from __future__ import annotations

from datetime import timedelta

from marketplace.base.roles import Role
from marketplace.base.stage import Scene, Stage
from marketplace.people.accounts.scenes import GIVEN, SURNAMES, person, register, seat
from marketplace.people.organisations import actions as organisations
from marketplace.people.organisations.states import CapacityKind
from marketplace.pilots.programmes.scenes import made_up_pdf
from providers.applications import dossiers
from providers.applications.states import ProofKind

PROVIDERS = (
    ("云溪赣数科技有限公司", 12, 86, 3),
    ("江西联智工业互联网有限公司", 9, 140, 2),
    ("云溪精诚软件有限公司", 7, 45, 2),
    ("赣江云服信息技术有限公司", 6, 62, 1),
    ("匠心智造数字化服务有限公司", 8, 51, 2),
    ("云溪恒通自动化有限公司", 11, 73, 1),
    ("新芽数字科技有限公司", 1, 12, 0),
)
"""Name, years in business, staff, cases; the last one misses two conditions of the calls."""


def scenes() -> list[Scene]:
    return [Scene("providers register", 318, _register), Scene("providers write their dossiers", 306, _dossiers)]


def _register(stage: Stage) -> None:
    for number, (name, _, staff, _) in enumerate(PROVIDERS, start=1):
        key = f"provider{number}"
        person(stage, key, SURNAMES[number] + GIVEN[number], f"1360000{number:04d}")
        made = register(
            stage, name, CapacityKind.PROVIDER, stage.props["county"], 300 + number,
            industry="I65", who=key, employees=staff, revenue_fen=(20 + number) * 1_000_000_00,
        )  # fmt: skip
        stage.act(lambda ctx, made=made: organisations.confirm(ctx, made.id), "city")
        seat(stage, key, Role.PROVIDER, organisation_id=made.id)
        stage.props.setdefault("providers", []).append(made.id)


def _dossiers(stage: Stage) -> None:
    for number, (name, years, staff, cases) in enumerate(PROVIDERS, start=1):
        key = f"provider{number}"
        stage.act(
            lambda ctx, years=years, staff=staff, name=name: dossiers.save(
                ctx,
                founded_on=ctx.today - timedelta(days=365 * years + 40),
                staff=staff,
                technical_staff=staff * 2 // 3,
                revenue_fen=staff * 400_000_00,
                bad_credit=False,
                introduction=f"{name}专注制造业中小企业数字化改造，提供小型化、快速化、轻量化、精准化的产品和服务。",
                knowledge="深耕家具、板材和五金行业，沉淀了工序、设备和质量的数据模型。",
                engineering="有自己的实施团队，平均三十天内上线，按里程碑交付。",
                ecosystem="与设备厂商、云服务商和本地高校建立了合作。",
                continuity="提供不少于三年的运维服务，能力沉淀到市数字诊所。",
            ),
            key,
        )
        for case in range(cases):
            stage.act(
                lambda ctx, case=case: dossiers.add_case(
                    ctx,
                    client_name=f"邻市示范家具厂（{case + 1}）",
                    industry="C21",
                    title="生产管控与质量追溯",
                    finished_on=ctx.today - timedelta(days=200 + 90 * case),
                    amount_fen=180_000_00,
                    effect="在制品减少两成，交付准时率提高到百分之九十六。",
                    contact="0799-6200300",
                ),
                key,
            )
        if cases:
            stage.act(
                lambda ctx, name=name, number=number: dossiers.add_proof(
                    ctx,
                    kind=ProofKind.COPYRIGHT,
                    name=f"{name}生产管控软件",
                    number=f"2024SR{100000 + number}",
                    data=made_up_pdf(f"{name}软件著作权"),
                    filename="软件著作权登记证书.pdf",
                ),
                key,
            )
