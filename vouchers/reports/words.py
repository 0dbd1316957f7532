"""How the report names the results and bases of the rule book's checks."""

from __future__ import annotations

from marketplace.base.text import N_

STATUSES = {"pass": N_("符合"), "open": N_("进行中"), "warn": N_("预警"), "fail": N_("不符合")}
BASES = {"award": N_("奖补总额"), "received": N_("已到位"), "committed": N_("已承诺"), "paid": N_("已支付")}
TONES = {"pass": "ok", "open": "info", "warn": "warn", "fail": "bad"}
