"""Who is asking, and whether they may: accounts, tokens, sessions, roles, declared access of routes."""
