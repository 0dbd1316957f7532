"""Direct expenditure."""
