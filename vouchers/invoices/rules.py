"""What an invoice must satisfy, and the three-way match. Every result has a code; nothing is refused without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.base.errors import Refusal
from marketplace.base.money import MAX_FEN, Yuan
from marketplace.base.states import Label
from marketplace.base.text import N_, Text
from vouchers.invoices.said import Said

_NUMBER = re.compile(r"[0-9]{20}")


@dataclass(frozen=True)
class Facts:
    """An invoice with what it is compared to; amounts in fen."""

    number: str
    issued_on: date
    seller_uscc: str
    buyer_uscc: str
    net_fen: int
    tax_fen: int
    gross_fen: int
    provider_uscc: str
    enterprise_uscc: str
    contract_gross_fen: int
    invoiced_before_fen: int
    signed_on: date
    last_day: date | None
    today: date


@dataclass(frozen=True)
class Finding:
    """One result that stands against an invoice or a match: a stable code, a sentence, the field at fault."""

    code: str
    text: Text
    field: str | None = None
    clause: str = "四(二)"

    def refusal(self) -> Refusal:
        """The same as a refusal, with its clause, field and values."""
        return Refusal(self.code, self.text.template, clause=self.clause, field=self.field, **self.text.values)


def check(facts: Facts) -> list[Finding]:
    """Everything that stands against the invoice, in the order of a clerk's eye."""
    found = []
    if not _NUMBER.fullmatch(facts.number):
        found.append(Finding("invoice.malformed", Text(N_("数电发票号码应为 20 位数字。")), "number"))
    return found + _arithmetic(facts) + _parties(facts) + _window(facts) + _amount(facts)


def _arithmetic(facts: Facts) -> list[Finding]:
    if facts.net_fen <= 0 or facts.tax_fen < 0 or facts.gross_fen > MAX_FEN:
        text = Text(N_("金额应大于零，税额不得为负；红字发票不在此提交。"))
        return [Finding("invoice.not_positive", text, "net")]
    if facts.net_fen + facts.tax_fen != facts.gross_fen:
        values = {"net": Yuan(facts.net_fen), "tax": Yuan(facts.tax_fen), "gross": Yuan(facts.gross_fen)}
        text = Text(N_("金额 {net} 与税额 {tax} 之和不等于价税合计 {gross}。"), values)
        return [Finding("invoice.arithmetic", text, "gross")]
    return []


def _parties(facts: Facts) -> list[Finding]:
    found = []
    if facts.seller_uscc != facts.provider_uscc:
        text = Text(
            N_("销售方代码 {given} 不是服务商的代码 {wanted}。"), _codes(facts.seller_uscc, facts.provider_uscc)
        )
        found.append(Finding("invoice.seller", text, "seller_uscc"))
    if facts.buyer_uscc != facts.enterprise_uscc:
        text = Text(
            N_("购买方代码 {given} 不是订购方的代码 {wanted}。"), _codes(facts.buyer_uscc, facts.enterprise_uscc)
        )
        found.append(Finding("invoice.buyer", text, "buyer_uscc"))
    return found


def _codes(given: str, wanted: str) -> dict[str, str]:
    return {"given": given[:24], "wanted": wanted}


def _window(facts: Facts) -> list[Finding]:
    if facts.issued_on > facts.today:
        text = Text(N_("开票日期 {day} 晚于今天。"), {"day": facts.issued_on})
        return [Finding("invoice.in_future", text, "issued_on", "四(一)")]
    if facts.issued_on < facts.signed_on or (facts.last_day is not None and facts.issued_on > facts.last_day):
        values = {"day": facts.issued_on, "first": facts.signed_on, "last": facts.last_day or facts.today}
        text = Text(N_("开票日期 {day} 不在合同签订日 {first} 至实施期末 {last} 之间。"), values)
        return [Finding("invoice.outside_window", text, "issued_on", "四(一)")]
    return []


def _amount(facts: Facts) -> list[Finding]:
    left = facts.contract_gross_fen - facts.invoiced_before_fen
    if facts.gross_fen <= left:
        return []
    values = {"gross": Yuan(facts.gross_fen), "left": Yuan(left)}
    return [
        Finding("invoice.above_contract", Text(N_("价税合计 {gross} 超过合同尚未开票的 {left}。"), values), "gross")
    ]


_SAID = {
    "number": (N_("发票号码"), "number"),
    "issued_on": (N_("开票日期"), "issued_on"),
    "net_fen": (N_("不含税金额"), "net"),
    "tax_fen": (N_("税额"), "tax"),
    "gross_fen": (N_("价税合计"), "gross"),
    "seller_uscc": (N_("销售方代码"), "seller_uscc"),
    "buyer_uscc": (N_("购买方代码"), "buyer_uscc"),
}


def compare(facts: Facts, said: Said, source: str) -> list[Finding]:
    """Where the file or the QR of an invoice (`source`, a word of `SOURCES`) says something else than was typed."""
    if said.red:
        text = Text(N_("{source}为红字发票，不能用于兑付。"), {"source": Label(SOURCES[source])})
        return [Finding("invoice.red_letter", text, source)]
    found = []
    for name, (label, field) in _SAID.items():
        read, typed = getattr(said, name), getattr(facts, name)
        if said.guessed and field.endswith("_uscc") and typed in (said.seller_uscc, said.buyer_uscc):
            continue
        if read is not None and read != typed:
            money = name.endswith("_fen")
            values = {
                "source": Label(SOURCES[source]),
                "what": Label(label),
                "read": Yuan(read) if money else str(read)[:40],
                "typed": Yuan(typed) if money else str(typed)[:40],
            }
            text = Text(N_("{source}上的{what}为 {read}，填写的是 {typed}。"), values)
            found.append(Finding("invoice.differs_from_file", text, field))
    return found


SOURCES = {"document": N_("发票文件"), "qr": N_("发票二维码")}


def refuse(found: Sequence[Finding]) -> None:
    """Refuse with the first finding, its clause and field."""
    if found:
        raise found[0].refusal()


@dataclass(frozen=True)
class Match:
    """The three papers of one order or contract: contract, acceptance, invoices; and what is missing between them."""

    contract_gross_fen: int | None
    accepted_on: date | None
    invoiced_fen: int
    unconfirmed: int
    held: int
    part_fen: int | None = None
    """Of a contract that is accepted part by part: what was accepted so far, which the invoices must cover."""

    @property
    def gaps(self) -> list[Finding]:
        """Why the three do not match yet; empty when they do."""
        found = []
        if self.contract_gross_fen is None:
            found.append(Finding("match.contract_missing", Text(N_("尚未备案合同。"))))
        if self.accepted_on is None:
            text = N_("设区市工信局尚未通过验收。") if self.part_fen is None else N_("尚未验收任何交付。")
            found.append(Finding("match.not_accepted", Text(text), clause="二(五)"))
        if self.held:
            found.append(Finding("match.invoice_held", Text(N_("有 {count} 张发票暂缓。"), {"count": self.held})))
        if self.unconfirmed:
            words = (
                N_("有 {count} 张发票待企业确认。")
                if self.part_fen is None
                else N_("有 {count} 张发票待采购单位确认。")
            )
            found.append(Finding("match.invoice_unconfirmed", Text(words, {"count": self.unconfirmed})))
        return found + self._amounts()

    def _amounts(self) -> list[Finding]:
        values = {"invoiced": Yuan(self.invoiced_fen)}
        if self.part_fen is not None:
            if self.invoiced_fen >= self.part_fen:
                return []
            text = Text(
                N_("已确认发票合计 {invoiced}，少于已验收的 {accepted}。"), values | {"accepted": Yuan(self.part_fen)}
            )
            return [Finding("match.amount", text)]
        if self.contract_gross_fen is None or self.invoiced_fen == self.contract_gross_fen:
            return []
        values |= {"contract": Yuan(self.contract_gross_fen)}
        return [Finding("match.amount", Text(N_("已确认发票合计 {invoiced}，与合同金额 {contract} 不一致。"), values))]

    @property
    def matches(self) -> bool:
        """Whether contract, acceptance and confirmed invoices agree."""
        return not self.gaps
