"""Where the money is: funds, lines, vouchers, holds, redemptions and payouts, kept right by the database itself."""
