"""Matching: checklists meet their papers, in any order of arrival, and go on to their tier and its path."""

from customs.matching.settling import settle
from customs.matching.waiting import expire_waiting, retry_undetermined

__all__ = ["expire_waiting", "retry_undetermined", "settle"]
