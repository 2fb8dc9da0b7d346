"""Decisions on facts that somebody gives: one registry, strict reading of the facts, the production functions.

`app.what_if.registry` lists the decisions; a domain adds its own in one module here and one line there.
"""
