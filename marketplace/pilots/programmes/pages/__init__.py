"""Pages of programmes and pilots: lists, decisions, nomination, money, what waits for whom."""
