"""The two files of a batch as treasuries and banks exchange them: writing the one, reading the other.

Pure text: no session, no clock. The payment file holds one line per payment and no control total.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from marketplace.base import money, sheets
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_, Text
from vouchers.settlement.states import Outcome

HEADER = ("序号", "收款人名称", "收款人账号", "开户银行", "行号", "金额(元)", "用途", "端到端编号")
MAX_FAULTS = 50
"""Lines named in one refusal; the rest is counted."""

_COLUMNS = {
    "end_to_end_id": ("端到端编号", "endtoendid", "end_to_end_id", "end-to-end id", "end to end id"),
    "outcome": ("结果", "交易结果", "result", "status"),
    "reference": ("银行流水号", "流水号", "bankreference", "bank_reference", "bank reference", "reference"),
    "reason": ("原因", "失败原因", "reason"),
    "day": ("日期", "交易日期", "date"),
    "amount": ("金额(元)", "金额", "amount"),
}
_NEEDED = {"end_to_end_id": "端到端编号", "outcome": "结果"}
_OUTCOMES = {
    "成功": Outcome.PAID,
    "success": Outcome.PAID,
    "succeeded": Outcome.PAID,
    "paid": Outcome.PAID,
    "失败": Outcome.FAILED,
    "failure": Outcome.FAILED,
    "failed": Outcome.FAILED,
    "处理中": Outcome.UNKNOWN,
    "不明": Outcome.UNKNOWN,
    "pending": Outcome.UNKNOWN,
    "unknown": Outcome.UNKNOWN,
}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")


@dataclass(frozen=True)
class Payment:
    """One line of the payment file; the amount in fen."""

    holder: str
    number: str
    bank: str
    bank_code: str
    amount_fen: int
    purpose: str
    end_to_end_id: str


@dataclass(frozen=True)
class Answer:
    """One line of a return file, with the row that the spreadsheet shows. `amount_fen` None: the file has none."""

    row: int
    end_to_end_id: str
    outcome: Outcome
    reference: str
    reason: str
    day: date
    amount_fen: int | None

    def kept(self) -> dict[str, Any]:
        """As the file's summary keeps it."""
        return {
            "row": self.row,
            "end_to_end_id": self.end_to_end_id,
            "outcome": self.outcome.value,
            "reference": self.reference,
            "reason": self.reason,
            "day": self.day.isoformat(),
        }


def write(payments: Sequence[Payment]) -> bytes:
    """The payment file: UTF-8 with a byte order mark, CRLF, no cell that a spreadsheet program would run."""
    rows = [
        (
            str(place),
            one_line(p.holder),
            p.number,
            one_line(p.bank),
            p.bank_code,
            money.plain(p.amount_fen),
            one_line(p.purpose),
            p.end_to_end_id,
        )
        for place, p in enumerate(payments, 1)
    ]
    return "".join(sheets.write_csv(HEADER, rows)).encode()


def one_line(text: str) -> str:
    """A text without line breaks and control characters: each payment is one line of the file."""
    spaced = "".join(" " if unicodedata.category(c).startswith(("C", "Z")) else c for c in text)
    return " ".join(spaced.split())


def read(data: bytes, filename: str, today: date) -> list[Answer]:
    """The lines of a return file (CSV or XLSX). Every line that cannot be understood is named; then nothing is taken.

    A line without a date is of today. Refuses `return.empty`, `return.columns`, `return.lines`.
    """
    rows = sheets.read(data, filename=filename)
    head, columns = _header(rows)
    faults: list[Text | str] = []
    answers = []
    for place, cells in enumerate(rows[head + 1 :], start=head + 2):
        if not any(cells):
            continue
        found = _answer(place, {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}, today)
        if isinstance(found, Answer):
            answers.append(found)
        else:
            faults.append(found)
    answers = once(answers)
    counted = Counter(answer.end_to_end_id for answer in answers)
    faults += [
        line(answer.row, N_("端到端编号 {id} 在文件中重复出现且内容不同。"), id=answer.end_to_end_id)
        for answer in answers
        if counted[answer.end_to_end_id] > 1
    ]
    refuse(faults)
    if not answers:
        raise Refusal("return.empty", N_("回单文件没有任何付款结果。"), field="file")
    return answers


def once(answers: Sequence[Answer]) -> list[Answer]:
    """Lines that say the same of the same payment, each but once: the first of them."""
    found: dict[Answer, Answer] = {}
    for answer in answers:
        found.setdefault(replace(answer, row=0), answer)
    return list(found.values())


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The row of the header (within the first five) and where each known column stands."""
    for place, cells in enumerate(rows[:5]):
        named = [_plain(cell) for cell in cells]
        columns: dict[str, int] = {}
        for name, words in _COLUMNS.items():
            at = [i for i, cell in enumerate(named) if cell in words]
            if len(at) > 1:
                raise Refusal("return.columns", N_("列“{name}”出现了两次。"), field="file", name=cells[at[1]])
            if at:
                columns[name] = at[0]
        if set(_NEEDED) <= set(columns):
            return place, columns
    if not any(any(row) for row in rows):
        raise Refusal("return.empty", N_("回单文件没有任何付款结果。"), field="file")
    raise Refusal("return.columns", N_("回单文件缺少列：{names}。"), field="file", names="、".join(_NEEDED.values()))


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().casefold()


def _answer(row: int, cells: Mapping[str, str], today: date) -> Answer | Text:
    """One line understood, or what is wrong with it."""
    found = {name: unformula(text) for name, text in cells.items()}
    end_to_end_id = found["end_to_end_id"].upper()
    if not end_to_end_id:
        return line(row, N_("缺少端到端编号。"))
    outcome = _OUTCOMES.get(_plain(found["outcome"]))
    if outcome is None:
        return line(row, N_("结果“{given}”无法识别，应为 成功 或 失败。"), given=found["outcome"][:20])
    reference = one_line(found.get("reference", ""))[:64]
    if outcome is Outcome.PAID and not reference:
        return line(row, N_("付款成功的行须有银行流水号。"))
    day = _day(found.get("day", ""), today)
    if day is None or day > today:
        return line(row, N_("日期“{given}”无效或晚于今天。"), given=found["day"][:20])
    amount = _amount(found.get("amount", ""))
    if isinstance(amount, str):
        return line(row, N_("金额“{given}”无法识别。"), given=amount[:20])
    reason = one_line(found.get("reason", ""))[:200]
    return Answer(row, end_to_end_id, outcome, reference, reason, day, amount)


def unformula(text: str) -> str:
    """A cell without the apostrophe or tab that keeps spreadsheet programs from changing it."""
    return text.strip().removeprefix("'").strip()


def _day(text: str, today: date) -> date | None:
    if not text:
        return today
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", text).split(" ")[0].split("T")[0])
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _amount(text: str) -> int | str | None:
    """Fen, None for an empty cell, or the text itself when it is no amount."""
    if not text:
        return None
    try:
        return money.parse(text)
    except Refusal:
        return text


def line(row: int, text: str, **values: Any) -> Text:
    """What is wrong with one line, beginning with its number."""
    return Text(N_("第 {row} 行：{what}"), {"row": row, "what": Text(text, values)})


def refuse(faults: Sequence[Text | str]) -> None:
    """Refuse the whole file, naming each line (the first fifty)."""
    if not faults:
        return
    shown = list(faults[:MAX_FAULTS])
    if len(faults) > MAX_FAULTS:
        shown.append(Text(N_("……以及另外 {count} 行。"), {"count": len(faults) - MAX_FAULTS}))
    raise Invalid({"file": shown}, code="return.lines")
