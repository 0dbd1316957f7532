"""Standing on the list (notice 二(四)): entering after the decision, and what may follow.

Measures: warning, rectification, suspension, lifting, removal; each with reason and clause. A suspended provider
finishes what runs and takes nothing new.
"""
