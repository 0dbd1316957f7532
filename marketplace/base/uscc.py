"""Unified social credit codes (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

_WHY: tuple[tuple[type[ValidationError], str], ...] = (
    (InvalidLength, N_("统一社会信用代码应为 18 位，您填写的“{value}”为 {length} 位。")),
    (InvalidChecksum, N_("统一社会信用代码“{value}”第 18 位校验码不正确，请对照营业执照核对。")),
    (InvalidComponent, N_("统一社会信用代码“{value}”含有不允许的字符（不使用 I、O、S、V、Z）。")),
    (InvalidFormat, N_("统一社会信用代码“{value}”含有不允许的字符（不使用 I、O、S、V、Z）。")),
)


def normal(text: str) -> str:
    """The code as it is stored: NFKC, upper case, no spaces or hyphens."""
    return "".join(unicodedata.normalize("NFKC", str(text)).upper().split()).replace("-", "")


def is_valid(code: str) -> bool:
    """Whether length, alphabet and the 18th character fit."""
    return uscc.is_valid(code)


def check(text: str, *, field: str = "uscc") -> str:
    """The normal code, or a refusal that says what is wrong with it (GB 32100-2015)."""
    code = normal(text)
    try:
        uscc.validate(code)
    except ValidationError as fault:
        for kind, message in _WHY:
            if isinstance(fault, kind):
                raise Refusal(
                    "uscc.invalid", message, clause="GB 32100-2015", field=field, value=code[:24], length=len(code)
                ) from None
        raise
    return code
