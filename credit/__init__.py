"""一库三系统: who is registered, and facts about them. May import common only."""
