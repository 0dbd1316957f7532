"""An application told to its applicant: where it stands, and what to do next."""

from __future__ import annotations

from marketplace.base.text import N_, Text
from providers.applications.models import Application
from providers.applications.states import ApplicationState
from providers.calls.story import Step

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


def path(application: Application) -> list[Step]:
    """The steps of an application; none for one that was withdrawn."""
    state = application.state
    here = next((at for at, (_, states) in enumerate(_WAY) if state in states), None)
    if here is None:
        return []
    now = "bad" if state in _BAD else "done" if state is ApplicationState.SELECTED else "now"
    until = Text(N_("请在 {day} 前补正"), {"day": application.supplement_until})
    hint = until if state is ApplicationState.RETURNED else None
    return [
        Step(label, "done" if at < here else now if at == here else "next", hint if at == here else None)
        for at, (label, _) in enumerate(_WAY)
    ]
