"""Money as it is written and split: what a person types, what a payment order says, and no fen lost."""

from __future__ import annotations

from fractions import Fraction

import pytest

from marketplace.base import money
from marketplace.base.errors import Refusal


@pytest.mark.parametrize(
    ("fen", "bare", "grouped"),
    [
        (0, "0.00", "0.00"), (1, "0.01", "0.01"), (10, "0.10", "0.10"), (99, "0.99", "0.99"), (100, "1.00", "1.00"),
        (123_450, "1234.50", "1,234.50"), (-123_405, "-1234.05", "-1,234.05"), (-1, "-0.01", "-0.01"),
        (10**15, "10000000000000.00", "10,000,000,000,000.00"),
    ],
)  # fmt: skip
def test_fen_are_written_as_yuan(fen: int, bare: str, grouped: str) -> None:
    assert money.plain(fen) == bare
    assert money.plain(fen, grouped=True) == grouped
    assert str(money.Yuan(fen)) == f"{money.Yuan(fen)}" == f"¥{grouped}"


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0), ("1", 100), ("1.5", 150), ("1.05", 105), ("0.01", 1), ("1234.50", 123_450), ("1,234.50", 123_450),
        ("12,345,678.90", 1_234_567_890), ("¥1234.5", 123_450), ("1234.5元", 123_450), (" ¥ 1.00 元 ", 100),
        ("￥２．５", 250), ("10000000000000", 10**15), ("10,000,000,000,000.00", 10**15), ("999", 99_900),
        ("007", 700), ("0000000000000000000001.5", 150),
    ],
)  # fmt: skip
def test_what_people_write_is_read(text: str, fen: int) -> None:
    assert money.parse(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "", "-1", "+1", "1.", ".5", "1.234", "1e3", "1,23", "12,34.00", "1234,567", ",123", "1 000", "x", "1.0.0",
        "0" * 25, "元", "1,2345",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        money.parse(text, field="amount")
    assert (refused.value.code, refused.value.field) == ("money.malformed", "amount")
    assert refused.value.text.values["value"] == text


def test_a_long_text_is_not_shown_whole() -> None:
    with pytest.raises(Refusal) as refused:
        money.parse("x" * 50)
    assert (refused.value.text.values["value"], refused.value.field) == ("x" * 40, None)


def test_24_letters_are_still_read() -> None:
    assert money.parse("0" * 22 + ".5") == 50


def test_an_amount_beyond_the_limit_is_refused() -> None:
    assert money.CURRENCY == "CNY" and money.MAX_FEN == 10**15
    with pytest.raises(Refusal) as refused:
        money.parse("10000000000000.01", field="amount")
    assert (refused.value.code, refused.value.field) == ("money.too_large", "amount")


@pytest.mark.parametrize("bps", [0, 1, 3333, 5000, 9999, 10_000])
def test_a_share_ends_below(bps: int) -> None:
    for amount in (*range(12), 99, 100, 101, 19_999, 20_001, 10**15):
        assert money.share(amount, bps) == (Fraction(amount) * bps / 10_000).__floor__()


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]), (11, [1, 1, 1], [4, 4, 3]), (12, [1, 1, 1], [4, 4, 4]), (0, [1, 2], [0, 0]),
        (100, [1, 2, 4], [14, 29, 57]), (5, [0, 1, 0], [0, 5, 0]), (1, [3, 3, 2], [1, 0, 0]),
        (1, [2, 3, 3], [0, 1, 0]), (2, [1, 1, 1, 1, 1], [1, 1, 0, 0, 0]), (7, [1], [7]), (1, [1], [1]),
    ],
)  # fmt: skip
def test_what_is_left_over_goes_to_the_largest_remainder_and_to_the_earlier_line(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert money.spread(total, weights) == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_there_must_be_something_to_spread_over(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="^nothing to spread over$"):
        money.spread(5, weights)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (1, "壹分"), (10, "壹角整"), (15, "壹角伍分"), (100, "壹元整"), (105, "壹元零伍分"),
        (150, "壹元伍角整"), (10_050, "壹佰元伍角整"), (10_005, "壹佰元零伍分"), (123_456, "壹仟贰佰叁拾肆元伍角陆分"),
        (1_000, "壹拾元整"), (101_000, "壹仟零壹拾元整"), (100_100, "壹仟零壹元整"), (7_890_00, "柒仟捌佰玖拾元整"),
        (10_000_00, "壹万元整"), (10_001_00, "壹万零壹元整"), (10_100_00, "壹万零壹佰元整"), (11_000_00, "壹万壹仟元整"),
        (100_500_00, "壹拾万零伍佰元整"), (20_030_400_00, "贰仟零叁万零肆佰元整"), (100_000_000_00, "壹亿元整"),
        (100_010_001_00, "壹亿零壹万零壹元整"), (100_000_001_00, "壹亿零壹元整"), (120_000_000_00, "壹亿贰仟万元整"),
        (1_000_000_000_000_00, "壹万亿元整"), (9_999_999_999_999_99,
         "玖万亿玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"), (-10_050, "负壹佰元伍角整"), (-1, "负壹分"),
    ],
)  # fmt: skip
def test_an_amount_in_words_is_as_on_a_payment_order(fen: int, words: str) -> None:
    assert money.in_words(fen) == words
