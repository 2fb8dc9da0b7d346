"""Movement: what happens to parcels at the supervised site and on their way out, and to requests to cancel.

Use cases are plain functions on a session; they do not commit. Papers of movement (CEB507, 607, 509, 605) come in
through `customs.intake`; what they do to parcels and checklists is done with the tools of this package.
"""
