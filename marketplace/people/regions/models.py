"""Places, and the class a city or county was given in a year."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.base.db import Base, one_of
from marketplace.base.keys import look_again
from marketplace.base.permissions import Scope, province_of
from marketplace.base.text import Bilingual
from marketplace.base.types import Choice, Count, Flag, Name
from marketplace.people.regions.states import CLASS_LABELS, RegionKind, ZoneLevel


class Region(Base):
    """A province, prefecture city, county-level unit (GB/T 2260) or development zone (code space of our own)."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(
        Name(), primary_key=True, info=look_again(), comment="GB/T 2260, or Z + city + number for a zone"
    )
    name: Mapped[str] = mapped_column(Name(), nullable=False)
    name_en: Mapped[str] = mapped_column(Name(), nullable=False)
    kind: Mapped[RegionKind] = mapped_column(Choice(RegionKind), nullable=False)
    parent: Mapped[str | None] = mapped_column(
        Name(), ForeignKey("region.code"), comment="province of a city; city of a county or zone"
    )
    zone_level: Mapped[ZoneLevel | None] = mapped_column(Choice(ZoneLevel))

    __table_args__ = (
        one_of("kind", RegionKind),
        one_of("zone_level", ZoneLevel),
        CheckConstraint("(kind = 'zone') = (zone_level IS NOT NULL)", name="level_iff_zone"),
        CheckConstraint("(kind = 'province') = (parent IS NULL)", name="parent_unless_province"),
        Index("ix_region_parent_code", "parent", "code"),
    )

    @property
    def label(self) -> Bilingual:
        """Its name in the reader's language."""
        return Bilingual(self.name, {}, self.name_en)

    @property
    def city(self) -> str:
        """Code of the prefecture city it lies in; a city and a province answer with their own."""
        if self.kind in (RegionKind.COUNTY, RegionKind.ZONE):
            assert self.parent is not None
            return self.parent
        return self.code

    @property
    def scope(self) -> Scope:
        return Scope.of(city=self.city, province=province_of(self.city))


class RegionClass(Base):
    """The class of a city or county by one year's evaluation: caps and quotas of the notice hang on it."""

    __tablename__ = "region_class"

    region: Mapped[str] = mapped_column(Name(), ForeignKey("region.code"), primary_key=True)
    year: Mapped[int] = mapped_column(Count(), primary_key=True, comment="first year for which it holds")
    kind: Mapped[RegionKind] = mapped_column(Choice(RegionKind), nullable=False)
    value: Mapped[str] = mapped_column(Name(), nullable=False, comment="1, 2 or 3 (一类, 二类, 三类)")
    source: Mapped[str] = mapped_column(Name(), nullable=False, comment="document or hearsay it comes from")
    verified: Mapped[bool] = mapped_column(Flag(), nullable=False, comment="set by the province, else hearsay")

    __table_args__ = (
        one_of("kind", [RegionKind.CITY, RegionKind.COUNTY]),
        one_of("value", list(CLASS_LABELS)),
        CheckConstraint("kind = 'county' OR value <> '3'", name="cities_have_two_classes"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year_has_four_digits"),
        {"info": look_again()},
    )
