"""Summary declaration (汇总申报): closed flag-B checklists become declarations.

Applications (CEB701) are taken in by `customs.intake.summary_applications`; this package merges the closed lines, keeps
the declarations with their later states, drafts what nobody applied for and reports what is due.
"""

from customs.summary.concluding import conclude, lock_name
from customs.summary.live import DeclarationRef, live_declaration_of

__all__ = ["DeclarationRef", "conclude", "live_declaration_of", "lock_name"]
