"""What is on offer: products, their immutable editions, and listings that a city has reviewed (notice 二(四)).

A product and its editions belong to the provider. A listing is one edition in one city, with that city's review:
submitted → listed or rejected → withdrawn. Orders and contract lines point at the edition and never see it change.
"""
