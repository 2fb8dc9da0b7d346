"""The proof of a month (逐月核对): each closed line in one summary, open, or counted; none twice, none lost."""

from customs.proof.figures import Balance, Difference, Month, Part, Proof, Scope, Sum
from customs.proof.proving import prove

__all__ = ["Balance", "Difference", "Month", "Part", "Proof", "Scope", "Sum", "prove"]
