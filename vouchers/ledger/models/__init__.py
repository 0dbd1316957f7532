"""The ledger's tables, in the order of a subsidy's life: what was awarded, promised, held, moved, claimed and paid."""
