"""What an act may answer instead of doing it. Each says which rule, which value, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.base.text import N_, Text


class Refusal(Exception):
    """The act is not done because a rule forbids it: nothing was changed.

    `code` is stable and machine-readable (``voucher.too_small``); `message` is a Chinese source text with
    named places for `values`; `clause` cites the rule book or the law (``四(二)``); `field` names the input at fault.
    """

    status = 409

    def __init__(self, code: str, message: str, *, clause: str | None = None, field: str | None = None, **values: Any):
        super().__init__(code)
        self.code = code
        self.text = Text(message, values)
        self.clause = clause
        self.field = field

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" + (f" ({self.clause})" if self.clause else "")


class Invalid(Refusal):
    """Input that cannot be used; `errors` maps a field to its messages."""

    status = 422

    def __init__(self, errors: dict[str, list[Text | str]], code: str = "input.invalid"):
        super().__init__(code, N_("有内容需要修改，请查看标出的字段。"))
        self.errors = errors


class Forbidden(Refusal):
    """This person's role may not do this here."""

    status = 403

    def __init__(self, permission: str):
        super().__init__("permission.denied", N_("您当前的身份不能办理此事项（{permission}）。"), permission=permission)


class NotFound(Refusal):
    """No such object, or one that this person must not know of: the two are told alike."""

    status = 404

    def __init__(self, kind: str = "object"):
        super().__init__("not_found", N_("没有找到，或您无权查看。"))
        self.kind = kind


class ReasonNeeded(Refusal):
    """The act may be done, but it warns: whoever does it must say why.

    `warnings` hold code, clause and numbers of each, and under ``message`` its sentence (a `Text`).
    """

    def __init__(self, warnings: Sequence[Mapping[str, Any]]):
        super().__init__(
            "warning.reason_required",
            N_("办理后会出现下列预警。请核对数字，写明理由后再提交。"),
            clause=warnings[0]["clause"],
            field="reason",
        )
        self.warnings = warnings


class Stale(Refusal):
    """Somebody else changed the same thing meanwhile."""

    status = 412

    def __init__(self) -> None:
        super().__init__("stale", N_("内容已被他人修改，请刷新后重试。"))


class Busy(Refusal):
    """The same thing is being worked on at this moment; try again shortly."""

    status = 409

    def __init__(self) -> None:
        super().__init__("busy", N_("同一事项正在处理中，请稍后再试。"))


class Throttled(Refusal):
    """Too many attempts; `retry_after` in seconds."""

    status = 429

    def __init__(self, retry_after: int):
        super().__init__("throttled", N_("尝试次数过多，请在 {seconds} 秒后再试。"), seconds=retry_after)
        self.retry_after = retry_after
