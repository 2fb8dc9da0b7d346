"""Intake: from the committed inbox row to rows, events and answers; one road for messages, files and forms."""
