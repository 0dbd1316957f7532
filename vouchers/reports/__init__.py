"""Reports that check spending against the subsidy categories (notice 四(二)).

Only presents: the facts come from `funds`, the judgement from `policy.engine`. The same answer as a page, as JSON and
as a workbook.
"""
