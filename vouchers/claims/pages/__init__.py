"""Pages of claims: either side's list and form, the reviewers' desk, a claim from end to end."""
