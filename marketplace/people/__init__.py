"""Who is here: regions, organisations, accounts."""
