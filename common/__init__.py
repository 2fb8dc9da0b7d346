"""The small kernel every package may use: money, days, clock, dated law, findings, database session, audit, events."""
