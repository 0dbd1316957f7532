"""How the report names the results and bases of the rule book's checks, and the movements of funds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from marketplace.base.text import N_
from marketplace.policy.engine.verdict import Check

STATUSES = {"pass": N_("符合"), "open": N_("进行中"), "warn": N_("预警"), "fail": N_("不符合")}
BASES = {"award": N_("奖补总额"), "received": N_("已到位"), "committed": N_("已承诺"), "paid": N_("已支付")}
TONES = {"pass": "ok", "open": "info", "warn": "warn", "fail": "bad"}
BOOKED = {
    "award": N_("核定奖补"),
    "receipt": N_("资金到账"),
    "allot": N_("安排额度"),
    "unallot": N_("收回额度"),
    "issue": N_("发放占用额度"),
    "recall": N_("收回退还额度"),
    "lapse": N_("到期失效"),
    "pay": N_("付款批次"),
    "unpay": N_("付款退回"),
    "recover": N_("追回入账"),
    "return": N_("交回上级"),
    "close": N_("年终收回"),
    "carry": N_("结转下年"),
    "interest": N_("银行利息"),
    "remit": N_("利息上缴"),
    "unreceipt": N_("更正：资金到账"),
    "unreturn": N_("更正：交回上级"),
    "uninterest": N_("更正：银行利息"),
    "unremit": N_("更正：利息上缴"),
}
"""What happens to funds and their lines."""
ASSUMPTIONS = {"pace": N_("按目前进度"), "spent": N_("已发放的全部用完")}
REACHED = {True: N_("可守住"), False: N_("守不住"), None: "—"}
"""Of a projection: whether a limit would be kept. Other words than those of a check, for it is none."""
METHOD = N_(
    "推算不是检查。“按目前进度”：各用途的承诺与支付、下单与验收的企业，自批复以来每天增加多少，到期末每天仍增加多少，"
    "承诺合计不超过奖补总额，支付不超过承诺。“已发放的全部用完”：在手的券全部下单，已承诺的全部支付，不再新发。"
    "两者都假定奖补资金已全部到位。"
)


@dataclass(frozen=True)
class Words:
    """`say` translates, `language` picks the book's own words (zh or en)."""

    say: Callable[[Any], str]
    language: str

    def name(self, thing: Any) -> str:
        """What has a name in both languages."""
        return str(thing.name_en if self.language == "en" else thing.name_zh)

    def message(self, check: Check) -> str:
        return check.message_en if self.language == "en" else check.message_zh

    def all(self, texts: Iterable[str]) -> list[str]:
        return [self.say(text) for text in texts]

    def base(self, code: str | None) -> str | None:
        return self.say(BASES[code]) if code in BASES else None
