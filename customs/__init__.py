"""Customs: messages, intake, matching, risk, officers' queue, release, movement. May import credit and common."""
