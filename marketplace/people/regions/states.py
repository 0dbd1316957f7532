"""Kinds of places and levels of development zones."""

from __future__ import annotations

from enum import StrEnum

from marketplace.base.text import N_


class RegionKind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"


class ZoneLevel(StrEnum):
    NATIONAL = "national"
    PROVINCIAL = "provincial"


KIND_LABELS = {
    RegionKind.PROVINCE: N_("省"),
    RegionKind.CITY: N_("设区市"),
    RegionKind.COUNTY: N_("县（市、区）"),
    RegionKind.ZONE: N_("开发区"),
}
LEVEL_LABELS = {ZoneLevel.NATIONAL: N_("国家级开发区"), ZoneLevel.PROVINCIAL: N_("省级开发区")}
CLASS_LABELS = {"1": N_("一类"), "2": N_("二类"), "3": N_("三类")}
