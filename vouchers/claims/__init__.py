"""Claims: the payee asks for what was redeemed, the pilot office reviews, the city decides (notice 四(二)).

A claim stands on three papers that agree (contract, acceptance, invoice); what it stood on is pinned with its hashes.
Every step has a last working day that the payee sees. Cuts name line, amount, reason and clause; a claim that is
returned is corrected on the same form. The money itself is the ledger's.
"""
