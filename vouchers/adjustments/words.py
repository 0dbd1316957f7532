"""How the entries are called that may be taken back."""

from __future__ import annotations

from marketplace.base.text import N_

ENTRIES = {
    "receipt": N_("资金到账"),
    "return": N_("交回上级"),
    "interest": N_("银行利息"),
    "remit": N_("利息上缴"),
}
