"""What the machine, and then a person, says of a condition."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.text import N_


class Finding(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    PERSON = "person"


LABELS = {Finding.PASS: N_("符合"), Finding.FAIL: N_("不符合"), Finding.PERSON: N_("待人工判断")}
TONES = {Finding.PASS: "ok", Finding.FAIL: "bad", Finding.PERSON: "warn"}
