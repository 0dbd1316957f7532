"""The verbs of the money. Each is one act within one transaction; amounts are in fen, days in Asia/Shanghai."""
