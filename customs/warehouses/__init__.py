"""Overseas warehouses (海外仓): the register, which one a checklist names, and the ledger of the goods there."""
