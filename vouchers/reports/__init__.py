"""Reports that check spending against the subsidy categories (notice 四(二)), and what the public reads of them.

Only presents: the facts come from `funds`, the judgement from `policy.engine`. The same answer as a page, as JSON and
as a workbook. Everybody reads the sums by category and the checks of the shares, never a name or a single amount.
"""
