"""What a pilot was awarded, what arrived, and into which categories it is divided (notice 四(一), 四(二)).

Hears that a pilot was approved and that a tranche arrived, and books both. Dividing the award into lines is the one
place where the ceiling of the other uses can be broken, so it is refused here in words and by the fund's own CHECK.
"""
