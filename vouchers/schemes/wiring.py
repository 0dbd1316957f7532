"""What schemes plug into the house."""

from __future__ import annotations

from marketplace.base.house import JOBS, House, Job
from marketplace.base.text import N_
from marketplace.shop.catalogue.events import ProductListed
from vouchers.schemes import actions, models, permissions


def wire(house: House) -> None:
    house.matrix.add(permissions.MATRIX)
    house.subscribe(ProductListed, actions.hint_listed)
    house.add(JOBS, Job("schemes.hints", N_("更新目录中的券后价"), actions.renew_hints, at="00:10"))


__all__ = ["models", "wire"]
