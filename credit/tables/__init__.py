"""The credit database's first tables: zones with parks, offices and sites; subjects with what is dated about them."""

from __future__ import annotations

from credit.tables.mandates import Mandate
from credit.tables.subjects import (
    Subject,
    SubjectCode,
    SubjectName,
    SubjectRole,
    SubjectTrait,
    ZoneMembership,
)
from credit.tables.zones import Park, SupervisedSite, Zone, ZoneOffice

__all__ = [
    "Mandate",
    "Park",
    "Subject",
    "SubjectCode",
    "SubjectName",
    "SubjectRole",
    "SubjectTrait",
    "SupervisedSite",
    "Zone",
    "ZoneMembership",
    "ZoneOffice",
]
