"""What shows only in many orders together: prices at the cap, one provider for most, orders cut in pieces (四(二)).

The rules look each night over the orders under vouchers; what they see becomes a finding that a person decides. Where
they begin to suspect stands in ``marketplace/policy/findings/limits.toml``.
"""
