"""The list of approved providers of a city (notice 二(四)): who stands on it, in which class, until when.

The list is written by the selection (`providers.standing`) and read by everybody: the catalogue and orders ask
`queries.require_active`; the public reads `/roster` and verifies certificates.
States: active, warned, rectifying, suspended, removed, ended. A suspended provider finishes what runs and takes
nothing new.
"""
