"""Marshmallow fields of our own: money, credit codes, days, choices; messages in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, cast

from marshmallow import ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

from marketplace.base import money, uscc
from marketplace.base.clock import SHANGHAI
from marketplace.base.errors import Refusal
from marketplace.base.text import N_
from marketplace.web.i18n import say

MESSAGES = {
    "required": N_("此项必填。"),
    "null": N_("此项必填。"),
    "validator_failed": N_("填写的值无效。"),
    "invalid": N_("填写的值无效。"),
}


class _Spoken(str):
    """An error template that is translated when marshmallow fills it in."""

    def format(self, *args: Any, **kwargs: Any) -> str:
        if kwargs and set(kwargs) <= {"min_op", "max_op"}:
            return self  # a Range asks for its words when it is made, and for its numbers when somebody reads
        return str.format(say(str(self)), *args, **kwargs)


class Several(validate.Length):
    """How many members a list may have: `Length`, in words for what is ticked or added instead of typed."""

    message_min = _Spoken(N_("请至少选择 {min} 项。"))
    message_max = _Spoken(N_("最多 {max} 项。"))
    message_all = _Spoken(N_("请选择 1 到 {max} 项。"))


def speak_chinese() -> None:
    """Replace marshmallow's English messages by ours, once per process."""
    texts = {
        fields.Field: MESSAGES,
        fields.String: {"invalid": N_("请填写文字。"), "invalid_utf8": N_("含有无法识别的字符。")},
        fields.Integer: {"invalid": N_("请填写整数。"), "too_large": N_("数字过大。")},
        fields.Number: {"invalid": N_("请填写数字。"), "too_large": N_("数字过大。")},
        fields.Date: {"invalid": N_("请填写日期，如 2026-01-31。"), "format": N_("请填写日期，如 2026-01-31。")},
        fields.DateTime: {"invalid": N_("请填写时间。"), "format": N_("请填写时间。")},
        fields.Boolean: {"invalid": N_("请选择是或否。")},
        fields.UUID: {"invalid_uuid": N_("编号无效。")},
        fields.Email: {"invalid": N_("请填写有效的电子邮箱。")},
        fields.List: {"invalid": N_("请选择一项或多项。")},
        fields.Nested: {"type": N_("填写的值无效。")},
        fields.Enum: {"unknown": N_("请从列表中选择。")},
    }
    for field, messages in cast("dict[Any, dict[str, str]]", texts).items():
        for key, text in messages.items():
            field.default_error_messages[key] = _Spoken(text)
    validate.Length.message_min = _Spoken(N_("至少 {min} 个字符。"))
    validate.Length.message_max = _Spoken(N_("最多 {max} 个字符。"))
    validate.Length.message_all = _Spoken(N_("请填写 {min} 到 {max} 个字符。"))
    validate.Length.message_equal = _Spoken(N_("应为 {equal} 个字符。"))
    validate.Range.message_min = _Spoken(N_("不能小于 {min}。"))
    validate.Range.message_max = _Spoken(N_("不能大于 {max}。"))
    validate.Range.message_all = _Spoken(N_("应在 {min} 到 {max} 之间。"))
    validate.OneOf.default_message = _Spoken(N_("请从列表中选择。"))
    validate.Regexp.default_message = _Spoken(N_("格式不正确。"))
    validate.ContainsOnly.default_message = _Spoken(N_("请从列表中选择。"))


_MONEY = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "examples": ["1234.50"]},
        "currency": {"type": "string", "const": money.CURRENCY},
    },
    "required": ["amount", "currency"],
}


class Money(fields.Field[int]):
    """Fen inside; ``{"amount": "1234.50", "currency": "CNY"}`` in JSON, ``1234.50`` in a form or a sheet."""

    described: Mapping[str, Any] = _MONEY

    def __init__(self, *, positive: bool = True, **kwargs: Any):
        super().__init__(metadata={**self.described, **kwargs.pop("metadata", {})}, **kwargs)
        self.positive = positive

    def _serialize(self, value: int | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else {"amount": money.plain(value), "currency": money.CURRENCY}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, Mapping):
            if set(value) != {"amount", "currency"} or value["currency"] != money.CURRENCY:
                raise ValidationError(say(N_("金额应写作 amount 与 currency（CNY）。")))
            value = value["amount"]
        if not isinstance(value, str):
            raise ValidationError(say(N_("金额应为文本，如 1234.50。")))
        try:
            fen = money.parse(value)
        except Refusal as refusal:
            raise ValidationError(say(refusal.text)) from None
        if self.positive and fen <= 0:
            raise ValidationError(say(N_("金额应大于零。")))
        return fen


class MoneyText(Money):
    """The same in an address, where there is nothing but text: ``1234.50``."""

    described = {"type": "string", "examples": ["1234.50"]}


class Amounts(fields.Field["list[int] | None"]):
    """Several amounts in one line of a form, in fen inside: ``500、1000、2,000.50``; an empty line is None."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[int] | None:
        single = Money()
        parts = re.split(r"[、，;；\s]+", str(value).strip())
        return [single.deserialize(part) for part in parts if part] or None


class Uscc(fields.String):
    """A unified social credit code with a correct check character, in normal form."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return uscc.check(text or "")
        except Refusal as refusal:
            raise ValidationError(say(refusal.text)) from None


class Exact(fields.Field[Decimal]):
    """An exact decimal as text: quantity, unit price. Refuses exponents, signs and floats."""

    def __init__(self, *, places: int = 6, **kwargs: Any):
        super().__init__(metadata={"type": "string", **kwargs.pop("metadata", {})}, **kwargs)
        self.places = places

    def _serialize(self, value: Decimal | None, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else format(value.normalize(), "f")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Decimal:
        text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("nan")
        if "e" in text.lower() or not number.is_finite() or number <= 0 or number >= 10**12:
            raise ValidationError(say(N_("请填写大于零的数字。")))
        if -int(number.as_tuple().exponent) > self.places:
            raise ValidationError(say(N_("最多 {places} 位小数。")).format(places=self.places))
        return number


class Member(fields.String):
    """A member of an enumeration by its value."""

    def __init__(self, enum: type[Enum], **kwargs: Any):
        self.enum = enum
        super().__init__(validate=validate.OneOf([str(e.value) for e in enum]), **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return getattr(value, "value", value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return self.enum(text) if text in {e.value for e in self.enum} else text

    def _validate(self, value: Any) -> None:
        super()._validate(getattr(value, "value", value))


class Reason(fields.String):
    """Why an act is done although it warns (`ReasonNeeded`); empty where nothing warns."""

    def __init__(self, **kwargs: Any):
        super().__init__(load_default="", validate=validate.Length(max=500), **kwargs)


class Moment(fields.DateTime):
    """An instant, RFC 3339 with zone; shown in Asia/Shanghai."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.astimezone(SHANGHAI).isoformat(timespec="seconds")


class Upload(fields.Raw):
    """A file of a form: a werkzeug FileStorage with a name. Words in its place are no file."""

    def __init__(self, **kwargs: Any):
        super().__init__(metadata={"type": "string", "format": "binary", **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> FileStorage:
        if not isinstance(value, FileStorage) or not value.filename:
            raise ValidationError(say(N_("请选择文件。")))
        return value
