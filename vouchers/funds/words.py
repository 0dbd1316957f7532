"""How the results of the rule book's checks are called and coloured."""

from __future__ import annotations

from marketplace.base.text import N_

STATUSES = {"pass": N_("符合"), "open": N_("进行中"), "warn": N_("预警"), "fail": N_("不符合")}
TONES = {"pass": "ok", "open": "info", "warn": "warn", "fail": "bad"}
