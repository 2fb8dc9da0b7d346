"""Code tables (代码表): dated, with source, loaded by an administrator, looked up in memory."""

from customs.codes.snapshot import Codes, Entry, HsCode, codes_snapshot

__all__ = ["Codes", "Entry", "HsCode", "codes_snapshot"]
