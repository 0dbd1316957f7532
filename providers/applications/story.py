"""An application told to its applicant: where it stands, what it still lacks, and what to do next."""

from __future__ import annotations

from typing import Any

from flask import url_for

from marketplace.base.text import N_, Text
from marketplace.web.i18n import say
from providers.applications.models import Application
from providers.applications.queries import Held
from providers.applications.states import ApplicationState
from providers.calls.rules import Outcome

NEXT = {ApplicationState.DRAFT: N_("核对并提交"), ApplicationState.RETURNED: N_("补正后再次提交")}
"""What the applicant has to do, by state."""

_WAY = (
    (N_("填写申报"), (ApplicationState.DRAFT,)),
    (N_("形式审查"), (ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.UNQUALIFIED)),
    (N_("专家评审"), (ApplicationState.QUALIFIED,)),
    (N_("公示名单"), (ApplicationState.SCORED, ApplicationState.PROPOSED)),
    (N_("公布结果"), (ApplicationState.SELECTED, ApplicationState.NOT_SELECTED)),
)
_BAD = (ApplicationState.UNQUALIFIED, ApplicationState.NOT_SELECTED)


def path(application: Application) -> list[dict[str, Any]]:
    """The steps for `steps.path`; none for an application that was withdrawn."""
    state = application.state
    here = next((at for at, (_, states) in enumerate(_WAY) if state in states), None)
    if here is None:
        return []
    now = "bad" if state in _BAD else "done" if state is ApplicationState.SELECTED else "now"
    hint = None
    if state is ApplicationState.RETURNED:
        hint = say(Text(N_("请在 {day} 前补正"), {"day": application.supplement_until}))
    return [
        {
            "label": say(label),
            "state": "done" if at < here else now if at == here else "next",
            "hint": hint if at == here else None,
        }
        for at, (label, _) in enumerate(_WAY)
    ]


def parts(
    application: Application, held: Held | None, outcomes: list[Outcome], may_submit: bool
) -> list[dict[str, Any]]:
    """What belongs to an application, for `tasks.todo`: each part with how far it is."""
    dossier = url_for("applications.dossier")
    failed = sum(outcome.result == "fail" for outcome in outcomes)
    complete = held is not None and bool(application.proposal.strip())
    return [
        {
            "label": say(N_("服务方案")),
            "url": url_for("applications.edit", application_id=application.id),
            "status": "done" if application.proposal.strip() else "todo",
        },
        {"label": say(N_("基本情况")), "url": f"{dossier}#basics", "status": "done" if held else "todo"},
        _counted(N_("成功案例"), f"{dossier}#cases", len(held.cases) if held else None),
        _counted(N_("证明材料"), f"{dossier}#proofs", len(held.proofs) if held else None),
        {
            "label": say(N_("自动核对")),
            "url": "#checks",
            "hint": say(N_("不符合的条件不妨碍提交，由审查人员判断并说明理由。")) if failed else None,
            "status": "bad" if failed else "done",
            "words": say(Text(N_("{count} 项不符合"), {"count": failed})) if failed else None,
        },
        {
            "label": say(N_("承诺并提交")),
            "url": "#submit",
            "status": "todo" if may_submit and complete else "locked",
        },
    ]


def _counted(label: str, url: str, count: int | None) -> dict[str, Any]:
    """A part made of several things: none yet is not begun, and cannot be before the basics."""
    return {
        "label": say(label),
        "url": url,
        "status": "locked" if count is None else "done" if count else "todo",
        "words": say(Text(N_("已添加 {count} 项"), {"count": count})) if count else None,
    }
