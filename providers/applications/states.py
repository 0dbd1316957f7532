"""The life of an application, and what a dossier holds."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.states import Lifecycle
from marketplace.base.text import N_


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    SCORED = "scored"
    PROPOSED = "proposed"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"
    WITHDRAWN = "withdrawn"


LIVE = frozenset(ApplicationState) - {ApplicationState.WITHDRAWN}

APPLICATION = Lifecycle(
    "application",
    {
        "submit": (ApplicationState.DRAFT, ApplicationState.SUBMITTED),
        "return": (ApplicationState.SUBMITTED, ApplicationState.RETURNED),
        "resubmit": (ApplicationState.RETURNED, ApplicationState.SUBMITTED),
        "qualify": (ApplicationState.SUBMITTED, ApplicationState.QUALIFIED),
        "disqualify": ({ApplicationState.SUBMITTED, ApplicationState.RETURNED}, ApplicationState.UNQUALIFIED),
        "score": (ApplicationState.QUALIFIED, ApplicationState.SCORED),
        "propose": (ApplicationState.SCORED, ApplicationState.PROPOSED),
        "unpropose": (ApplicationState.PROPOSED, ApplicationState.SCORED),
        "select": (ApplicationState.PROPOSED, ApplicationState.SELECTED),
        "pass_over": ({ApplicationState.SCORED, ApplicationState.PROPOSED}, ApplicationState.NOT_SELECTED),
        "withdraw": (
            {ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.RETURNED},
            ApplicationState.WITHDRAWN,
        ),
    },
    labels={
        ApplicationState.DRAFT: N_("草稿"),
        ApplicationState.SUBMITTED: N_("已提交"),
        ApplicationState.RETURNED: N_("已退回补正"),
        ApplicationState.QUALIFIED: N_("形式审查通过"),
        ApplicationState.UNQUALIFIED: N_("形式审查不通过"),
        ApplicationState.SCORED: N_("已评分"),
        ApplicationState.PROPOSED: N_("拟入选"),
        ApplicationState.SELECTED: N_("已入选"),
        ApplicationState.NOT_SELECTED: N_("未入选"),
        ApplicationState.WITHDRAWN: N_("已撤回"),
    },
    tones={
        ApplicationState.DRAFT: "quiet",
        ApplicationState.SUBMITTED: "info",
        ApplicationState.RETURNED: "warn",
        ApplicationState.QUALIFIED: "info",
        ApplicationState.UNQUALIFIED: "bad",
        ApplicationState.SCORED: "info",
        ApplicationState.PROPOSED: "info",
        ApplicationState.SELECTED: "ok",
        ApplicationState.NOT_SELECTED: "quiet",
        ApplicationState.WITHDRAWN: "quiet",
    },
)


class ProofKind(StrEnum):
    LICENCE = "licence"
    COPYRIGHT = "copyright"
    PATENT = "patent"
    QUALIFICATION = "qualification"
    CASE = "case"
    TEAM = "team"
    FINANCE = "finance"
    OTHER = "other"


PROOF_LABELS = {
    ProofKind.LICENCE: N_("营业执照"),
    ProofKind.COPYRIGHT: N_("软件著作权"),
    ProofKind.PATENT: N_("专利"),
    ProofKind.QUALIFICATION: N_("资质荣誉"),
    ProofKind.CASE: N_("案例证明"),
    ProofKind.TEAM: N_("人员和社保证明"),
    ProofKind.FINANCE: N_("财务报告"),
    ProofKind.OTHER: N_("其他材料"),
}
