"""Goods returns (出口商品退货) after intake: what is left, planning, proof, the officer's decision, tally, completion.

Filing a request or a tally goes through the inbox like every paper (`customs.intake.refund_applications`,
`customs.intake.refund_tallies`). Whoever changes what is left of an export holds its `lock_name` first.
"""

from customs.returns.left import Returnable, lock_name, returnable

__all__ = ["Returnable", "lock_name", "returnable"]
