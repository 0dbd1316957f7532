"""Choosing a place in two steps: the city, then the city itself or what lies in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from marketplace.base.context import Context
from marketplace.base.text import N_, Text
from marketplace.people.regions import queries
from marketplace.people.regions.states import RegionKind


@dataclass
class Group:
    """A city (or the province) and the places that may be chosen under it: (code, name)."""

    code: str
    name: Text
    places: list[tuple[str, Text]] = field(default_factory=list)


@dataclass
class Picker:
    """What the part `form.place` draws; `kinds` go with the question for the second list."""

    groups: list[Group]
    kinds: str

    def city_of(self, code: object) -> str:
        """The city under which a place stands, empty when it stands nowhere."""
        return next((g.code for g in self.groups if any(str(code) == c for c, _ in g.places)), "")


def groups(ctx: Context, *kinds: RegionKind, province: str | None = None, only: Collection[str] = ()) -> list[Group]:
    """Places of some kinds, city by city in the order of their codes; `only` narrows to some codes."""
    found: dict[str, Group] = {}
    for region in queries.tree(ctx):
        place = region.city
        if province is not None and place[:2] != province[:2]:
            continue
        if region.code == place:
            found[place] = Group(place, region.label)
        if region.kind in kinds and (not only or region.code in only):
            found[place].places.append((region.code, _name(region.label, region.kind)))
    return [group for group in found.values() if group.places]


def _name(label: Text, kind: RegionKind) -> Text:
    """A city among its own counties is the whole of it."""
    whole = {RegionKind.CITY: N_("{place}（全市）"), RegionKind.PROVINCE: N_("{place}（全省）")}
    return Text(whole[kind], {"place": label}) if kind in whole else label


def picker(ctx: Context, *kinds: RegionKind, province: str | None = None, only: Collection[str] = ()) -> Picker:
    """Everything a form needs to let somebody choose a place of these kinds."""
    return Picker(groups(ctx, *kinds, province=province, only=only), ",".join(sorted(kinds)))
