"""The columns of a spending sheet: one table for reading, for the template and for the annotated answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from marketplace.policy.engine.rows import Kind, folded
from marketplace.policy.spending.fault import Unusable

YUAN, WAN = 100, 1_000_000
"""Fen in a yuan and in ten thousand yuan."""
UNITS = {"元": YUAN, "人民币": YUAN, "人民币元": YUAN, "yuan": YUAN, "万元": WAN, "人民币万元": WAN}
KINDS: dict[Kind, str] = {
    Kind.COMMITTED: "承诺",
    Kind.RELEASED: "核减",
    Kind.PAID: "支付",
    Kind.REFUND: "退回",
}
SUMS = frozenset({"合计", "小计", "总计"})
"""What the first text of a line of sums reads."""

_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_WITH_UNIT = re.compile(rf"(.+?)[(\[【/:,]?(?:单位:?)?({_UNIT})[)\]】]?")
_TITLE_UNIT = re.compile(r"单位\s*:\s*((?:人民币\s*)?[^\s:,;、/()\[\]【】]+)")
_OTHER_UNIT = re.compile(r"(?:人民币)?(?:[十百千万亿]+元?|[角分]|[美港欧日]元)")
"""Units that a title row may name and that we do not compute in; after 单位: an office may stand as well."""
_LONGEST = 200
"""Characters of a title row or header cell that are looked at."""


@dataclass(frozen=True)
class Column:
    """One column: its code, its Chinese name, whether it must be there, what it holds, an example, further names."""

    code: str
    zh: str
    required: bool = False
    money: bool = False
    help_zh: str = ""
    help_en: str = ""
    example: str = ""
    aliases: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "date", "日期", True,
        help_zh="业务发生日期；可写 2024-03-01、2024/3/1、2024.3.1、2024年3月1日、20240301，或用 Excel 日期。",
        help_en="Day of the commitment or payment: 2024-03-01, 2024/3/1, 2024.3.1, 20240301 or an Excel date.",
        example="2024-03-01",
    ),
    Column(
        "kind", "类型", True,
        help_zh="承诺（签约、立项占用资金）、核减（减少承诺）、支付、退回。",
        help_en="committed, released (lowers a commitment), paid or refund.",
        example="承诺",
    ),
    Column(
        "category", "资金用途", True,
        help_zh="政策规定的资金用途名称或代码，见“资金用途”表。",
        help_en="Name or code of the use of the money, as listed on the sheet 资金用途.",
        example="企业数字化改造",
    ),
    Column(
        "amount", "金额", True, True,
        help_zh="大于零，最多两位小数；可写 1,234.50、¥1234.5、1234.5元、12.3456万元；单位也可写在表头：金额(万元)。",
        help_en="Above zero, at most two decimals of a yuan: 1,234.50 or 12.3456万元; the header may hold the unit.",
        example="300000.00",
    ),
    Column(
        "enterprise", "企业代码",
        help_zh="受益企业的统一社会信用代码（18位）；企业数字化改造必须填写。",
        help_en="Unified social credit code of the enterprise; renovation needs one.",
        example="91350100M000100Y43",
    ),
    Column(
        "provider", "服务商代码",
        help_zh="收款服务商的统一社会信用代码（18位）。",
        help_en="Unified social credit code of the provider.",
        example="91110000101623741K",
    ),
    Column(
        "contract", "合同编号",
        help_zh="同一合同的承诺与支付写同一编号，才能相互核对。",
        help_en="The same number on commitment and payments, so that they can be matched.",
        example="HT-2024-001",
    ),
    Column(
        "invoice", "发票号码",
        help_zh="20位数电发票号码或8位旧发票号码；多张用顿号、逗号、分号或换行分开；请设为文本格式。",
        help_en="20 digits (8 for old ones); several separated by 、 , ; or a line break; format as text.",
        example="24312000000136634917",
    ),
    Column(
        "other_support", "其他财政支持",
        help_zh="同一项目已获中央中小企业或省级资金支持的名称；没有则留空或写“无”。",
        help_en="Central SME or provincial fund that already paid for the same project; empty or 无 for none.",
        example="无",
    ),
    Column(
        "key_link", "关键环节",
        help_zh="是否产业链关键环节企业：是/否。",
        help_en="Whether the enterprise is a key link of the chain: yes/no.",
        example="否",
    ),
    Column(
        "level", "改造后水平",
        help_zh="改造后达到的数字化水平等级。",
        help_en="Level reached after the renovation.",
        example="L6",
    ),
    Column(
        "accepted", "验收日期",
        help_zh="市级验收通过日期，未验收则留空。",
        help_en="Day of the city's acceptance, empty before.",
        example="2024-06-20",
    ),
    Column(
        "total", "合同金额", False, True,
        help_zh="整份合同金额；限制补助比例或单家企业上限的政策需要。",
        help_en="Amount of the whole contract, for policies that limit the rate or the help for one enterprise.",
        example="900000.00",
    ),
)  # fmt: skip


class Layout:
    """The columns that one kind of sheet may have."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.columns = columns
        self.required = frozenset(column.code for column in columns if column.required)
        self._names = {_bare(name): column for column in columns for name in (column.code, column.zh, *column.aliases)}

    def named(self, text: str) -> tuple[Column, int | None] | None:
        """The column that a header cell names, with the fen of its unit where one stands in it; None for another one.

        Spaces and line breaks inside a name are layout, and do not count.
        """
        name = _bare(text[:_LONGEST])
        column = self._names.get(name)
        if column is not None:
            return column, None
        match = _WITH_UNIT.fullmatch(name)
        column = self._names.get(match[1]) if match else None
        return (column, UNITS[match[2]]) if match and column and column.money else None


def _bare(name: str) -> str:
    return "".join(folded(name).split())


SPENDING = Layout(COLUMNS)


def title_unit(text: str) -> int | None:
    """The fen of the unit that a title row declares: ``单位:万元``. Raises `Unusable` for a unit we cannot use."""
    for match in _TITLE_UNIT.finditer(folded(text[:_LONGEST])):
        unit = "".join(match[1].split())
        if unit in UNITS:
            return UNITS[unit]
        if _OTHER_UNIT.fullmatch(unit):
            raise Unusable(f"金额单位“{unit}”无法识别，可用：元、万元", f'the unit "{unit}" is none of 元, 万元')
    return None


def cell_name(column: int, row: int) -> str:
    """The name of a cell: column 0 of row 7 is ``A7``."""
    letters, rest = "", column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(65 + place) + letters
    return f"{letters}{row}"
