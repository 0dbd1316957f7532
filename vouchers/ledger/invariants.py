"""The invariants that the ledger publishes, each one query that finds what breaks it: subject, found, expected."""

from __future__ import annotations

from dataclasses import dataclass

from vouchers.ledger.states import BALANCES


@dataclass(frozen=True)
class Invariant:
    """`sql` gives a row for each difference, and none when all is well; the same words on both databases."""

    code: str
    says: str
    sql: str

    @property
    def label(self) -> str:
        return f"{self.code} {self.says}"


def _delta(balance: str) -> str:
    plus = f"sum(CASE WHEN dst = '{balance}' THEN amount ELSE 0 END)"
    return f"{plus} - sum(CASE WHEN src = '{balance}' THEN amount ELSE 0 END)"


_SUM = " + ".join(BALANCES)
_BELOW_ZERO = " OR ".join(f"{b} < 0" for b in BALANCES)
_FOLD = ", ".join(f"{_delta(b)} AS {b}" for b in BALANCES)
_TEXT = " || ',' || ".join(f"CAST({{t}}.{b} AS text)" for b in BALANCES)

INVARIANTS = (
    Invariant(
        "I1",
        "every commitment conserves its face with no balance below zero, and none is half issued",
        f"""SELECT CAST(id AS text) AS subject,
          CASE WHEN {_BELOW_ZERO} THEN 'a balance below zero' ELSE CAST({_SUM} AS text) END AS found,
          CAST(face AS text) AS expected
        FROM commitment WHERE {_SUM} <> face OR seq = 0 OR {_BELOW_ZERO}""",  # noqa: S608
    ),
    Invariant(
        "I2",
        "what a line has committed is the face of its commitments less what was recalled",
        """SELECT 'line ' || CAST(l.id AS text) AS subject, CAST(coalesce(b.committed, 0) AS text) AS found,
          CAST(coalesce(c.promised, 0) AS text) AS expected
        FROM budget_line l
        LEFT JOIN (SELECT line_id, sum(committed) AS committed FROM line_bucket GROUP BY line_id) b ON b.line_id = l.id
        LEFT JOIN (SELECT line_id, sum(face - recalled) AS promised FROM commitment GROUP BY line_id) c
          ON c.line_id = l.id
        WHERE coalesce(b.committed, 0) <> coalesce(c.promised, 0)""",
    ),
    Invariant(
        "I2b",
        "an issue is funded and issued to its total",
        """SELECT 'issue ' || CAST(i.id AS text) AS subject,
          CAST(i.funded AS text) || '/' || CAST(i.issued AS text) || '/' || CAST(coalesce(c.face, 0) AS text) AS found,
          CAST(i.total AS text) AS expected
        FROM issue_batch i LEFT JOIN (
          SELECT issue_batch_id, sum(face) AS face, count(*) AS n FROM commitment GROUP BY issue_batch_id
        ) c ON c.issue_batch_id = i.id
        WHERE i.funded <> i.total OR i.issued <> i.total OR coalesce(c.face, 0) <> i.total
          OR coalesce(c.n, 0) <> i.n""",
    ),
    Invariant(
        "I3",
        "the balances of a commitment are the fold of its entries",
        f"""SELECT CAST(c.id AS text) AS subject, {_TEXT.format(t="c")} AS found,
          coalesce({_TEXT.format(t="e")}, 'no entries') AS expected
        FROM commitment c LEFT JOIN (
          SELECT commitment_id, count(*) AS n, {_FOLD} FROM entry GROUP BY commitment_id
        ) e ON e.commitment_id = c.id
        WHERE e.n IS NULL OR c.seq <> e.n OR {" OR ".join(f"c.{b} <> e.{b}" for b in BALANCES)}
        UNION ALL SELECT 'entry ' || CAST(e.id AS text), 'without a commitment', 'none' FROM entry e
          LEFT JOIN commitment c ON c.id = e.commitment_id AND c.pilot_id = e.pilot_id WHERE c.id IS NULL""",  # noqa: S608
    ),
    Invariant(
        "I4",
        "what is reserved is what pending holds have left",
        """SELECT CAST(c.id AS text) AS subject, CAST(c.reserved AS text) AS found,
          CAST(coalesce(h.rest, 0) AS text) AS expected
        FROM commitment c LEFT JOIN (
          SELECT commitment_id, sum(amount - posted - released) AS rest FROM hold WHERE state = 'pending'
          GROUP BY commitment_id
        ) h ON h.commitment_id = c.id
        WHERE c.reserved <> coalesce(h.rest, 0)""",
    ),
    Invariant(
        "I5",
        "what a hold has posted and released is what its entries say",
        """SELECT 'hold ' || CAST(h.id AS text) AS subject,
          CAST(h.posted AS text) || ',' || CAST(h.released AS text) AS found,
          CAST(coalesce(r.posted, 0) AS text) || ',' || CAST(coalesce(e.released, 0) AS text) AS expected
        FROM hold h
        LEFT JOIN (SELECT hold_id, sum(amount) AS posted FROM redemption WHERE hold_id IS NOT NULL GROUP BY hold_id) r
          ON r.hold_id = h.id
        LEFT JOIN (
          SELECT hold_id, sum(amount) AS released FROM entry WHERE kind IN ('release', 'lapse') GROUP BY hold_id
        ) e
          ON e.hold_id = h.id
        WHERE h.posted <> coalesce(r.posted, 0) OR h.released <> coalesce(e.released, 0) OR h.state = 'new'""",
    ),
    Invariant(
        "I5b",
        "what a part has refunded, settled and clawed is what its entries say",
        """SELECT 'part ' || CAST(r.entry_id AS text) AS subject,
          CAST(r.refunded AS text) || ',' || CAST(r.settled AS text) || ',' || CAST(r.clawed AS text) AS found,
          CAST(coalesce(e.refunded, 0) AS text) || ',' || CAST(coalesce(e.settled, 0) AS text) || ','
            || CAST(coalesce(e.clawed, 0) AS text) AS expected
        FROM redemption r
        LEFT JOIN (
          SELECT redemption_id, sum(CASE WHEN kind IN ('refund', 'cut') THEN amount ELSE 0 END) AS refunded,
            sum(CASE WHEN kind = 'settle' THEN amount ELSE 0 END) AS settled,
            sum(CASE WHEN kind = 'clawback' THEN amount ELSE 0 END) AS clawed
          FROM entry WHERE redemption_id IS NOT NULL GROUP BY redemption_id
        ) e ON e.redemption_id = r.entry_id
        WHERE r.refunded <> coalesce(e.refunded, 0) OR r.settled <> coalesce(e.settled, 0)
          OR r.clawed <> coalesce(e.clawed, 0)
        UNION ALL SELECT 'entry ' || CAST(e.id AS text), 'without its part', CAST(e.amount AS text) FROM entry e
          LEFT JOIN redemption r ON r.entry_id = e.id AND r.amount = e.amount AND r.commitment_id = e.commitment_id
          WHERE e.kind = 'redeem' AND r.entry_id IS NULL
        UNION ALL SELECT 'part ' || CAST(r.entry_id AS text), 'without its entry', 'none' FROM redemption r
          LEFT JOIN entry e ON e.id = r.entry_id AND e.kind = 'redeem' WHERE e.id IS NULL""",
    ),
    Invariant(
        "I6",
        "a part is in one living claim, a claim in one living item, and a batch is the sum of its items",
        """SELECT 'part ' || CAST(redemption_id AS text) AS subject, CAST(count(*) AS text) AS found, '1' AS expected
        FROM claim_item WHERE live GROUP BY redemption_id HAVING count(*) > 1
        UNION ALL SELECT 'claim ' || CAST(claim_id AS text), CAST(count(*) AS text), '1'
        FROM batch_item WHERE state <> 'failed' GROUP BY claim_id HAVING count(*) > 1
        UNION ALL SELECT 'batch ' || CAST(b.id AS text), CAST(b.total AS text),
          CAST(coalesce(i.living, 0) + coalesce(f.unpaid, 0) AS text)
        FROM payment_batch b
        LEFT JOIN (SELECT batch_id, sum(amount) AS living FROM batch_item WHERE state <> 'failed' GROUP BY batch_id) i
          ON i.batch_id = b.id
        LEFT JOIN (
          SELECT batch_id, sum(CASE WHEN kind = 'pay' THEN amount ELSE 0 END) AS pay,
            sum(CASE WHEN kind = 'unpay' THEN amount ELSE 0 END) AS unpaid FROM fund_entry
          WHERE batch_id IS NOT NULL GROUP BY batch_id
        ) f ON f.batch_id = b.id
        WHERE b.state NOT IN ('draft', 'cancelled')
          AND (b.total <> coalesce(i.living, 0) + coalesce(f.unpaid, 0) OR coalesce(f.pay, 0) <> b.total)
        UNION ALL SELECT 'item ' || CAST(i.id AS text), CAST(coalesce(sum(e.amount), 0) AS text), CAST(i.amount AS text)
        FROM batch_item i JOIN payout_attempt p ON p.batch_item_id = i.id AND p.state = 'confirmed'
          LEFT JOIN entry e ON e.attempt_id = p.id AND e.kind = 'settle'
        GROUP BY i.id, i.amount HAVING coalesce(sum(e.amount), 0) <> i.amount""",
    ),
    Invariant(
        "I7",
        "entries are numbered without a gap and each names the hash before",
        """SELECT 'entry ' || CAST(id AS text) AS subject, CAST(seq AS text) AS found,
          CAST(coalesce(before, 0) + 1 AS text) AS expected
        FROM (
          SELECT id, seq, prev_hash, lag(seq) OVER w AS before, lag(hash) OVER w AS hash_before FROM entry
          WINDOW w AS (PARTITION BY commitment_id ORDER BY seq)
        ) AS e WHERE seq <> coalesce(before, 0) + 1 OR prev_hash <> hash_before""",
    ),
    Invariant(
        "I8",
        "a fund is the fold of its entries, and its lines hold what was allotted",
        """SELECT 'fund ' || CAST(f.id AS text) AS subject,
          CAST(f.award AS text) || ',' || CAST(f.received AS text) || ',' || CAST(f.paid AS text) || ','
            || CAST(f.recovered AS text) || ',' || CAST(f.returned AS text) || ','
            || CAST(f.interest AS text) || ',' || CAST(f.remitted AS text) || ','
            || CAST(f.renovation_allotted AS text) || ',' || CAST(f.other_allotted AS text) AS found,
          CAST(coalesce(e.award, 0) AS text) || ',' || CAST(coalesce(e.received, 0) AS text) || ','
            || CAST(coalesce(e.paid, 0) AS text) || ',' || CAST(coalesce(e.recovered, 0) AS text) || ','
            || CAST(coalesce(e.returned, 0) AS text) || ',' || CAST(coalesce(e.interest, 0) AS text) || ','
            || CAST(coalesce(e.remitted, 0) AS text) || ',' || CAST(coalesce(b.renovation, 0) AS text) || ','
            || CAST(coalesce(b.other, 0) AS text) AS expected
        FROM fund f
        LEFT JOIN (
          SELECT fund_id, count(seq) AS n, sum(CASE WHEN kind = 'award' THEN amount ELSE 0 END) AS award,
            sum(CASE kind WHEN 'receipt' THEN amount WHEN 'unreceipt' THEN -amount ELSE 0 END) AS received,
            sum(CASE kind WHEN 'pay' THEN amount WHEN 'unpay' THEN -amount ELSE 0 END) AS paid,
            sum(CASE WHEN kind = 'recover' THEN amount ELSE 0 END) AS recovered,
            sum(CASE kind WHEN 'return' THEN amount WHEN 'unreturn' THEN -amount ELSE 0 END) AS returned,
            sum(CASE kind WHEN 'interest' THEN amount WHEN 'uninterest' THEN -amount ELSE 0 END) AS interest,
            sum(CASE kind WHEN 'remit' THEN amount WHEN 'unremit' THEN -amount ELSE 0 END) AS remitted
          FROM fund_entry GROUP BY fund_id
        ) e ON e.fund_id = f.id
        LEFT JOIN (
          SELECT l.fund_id, sum(CASE WHEN l.share = 'renovation' THEN b.allotted ELSE 0 END) AS renovation,
            sum(CASE WHEN l.share = 'other' THEN b.allotted ELSE 0 END) AS other
          FROM budget_line l JOIN line_bucket b ON b.line_id = l.id GROUP BY l.fund_id
        ) b ON b.fund_id = f.id
        WHERE f.seq <> coalesce(e.n, 0) OR f.award <> coalesce(e.award, 0) OR f.received <> coalesce(e.received, 0)
          OR f.paid <> coalesce(e.paid, 0) OR f.recovered <> coalesce(e.recovered, 0)
          OR f.returned <> coalesce(e.returned, 0) OR f.interest <> coalesce(e.interest, 0)
          OR f.remitted <> coalesce(e.remitted, 0) OR f.renovation_allotted <> coalesce(b.renovation, 0)
          OR f.other_allotted <> coalesce(b.other, 0)""",
    ),
    Invariant(
        "I8b",
        "a bucket is the fold of its entries",
        """SELECT 'bucket ' || CAST(b.line_id AS text) || '/' || CAST(b.k AS text) AS subject,
          CAST(b.allotted AS text) || ',' || CAST(b.available AS text) || ',' || CAST(b.committed AS text) || ','
            || CAST(b.lapsed AS text) AS found,
          CAST(coalesce(e.allotted, 0) AS text) || ',' || CAST(coalesce(e.available, 0) AS text) || ','
            || CAST(coalesce(e.committed, 0) AS text) || ',' || CAST(coalesce(e.lapsed, 0) AS text) AS expected
        FROM line_bucket b LEFT JOIN (
          SELECT line_id, k, count(*) AS n,
            sum(CASE kind WHEN 'allot' THEN amount WHEN 'unallot' THEN -amount ELSE 0 END) AS allotted,
            sum(CASE WHEN kind IN ('allot', 'recall', 'carry') THEN amount
              WHEN kind IN ('unallot', 'issue', 'close') THEN -amount ELSE 0 END) AS available,
            sum(CASE WHEN kind = 'issue' THEN amount WHEN kind IN ('recall', 'lapse') THEN -amount
              ELSE 0 END) AS committed,
            sum(CASE WHEN kind IN ('lapse', 'close') THEN amount WHEN kind = 'carry' THEN -amount ELSE 0 END) AS lapsed
          FROM fund_entry WHERE line_id IS NOT NULL GROUP BY line_id, k
        ) e ON e.line_id = b.line_id AND e.k = b.k
        WHERE b.seq <> coalesce(e.n, 0) OR b.allotted <> coalesce(e.allotted, 0)
          OR b.available <> coalesce(e.available, 0) OR b.committed <> coalesce(e.committed, 0)
          OR b.lapsed <> coalesce(e.lapsed, 0)""",
    ),
)

SEALED = Invariant(
    "I9",
    "no entry of a sealed ledger waits for its seal longer than ten minutes",
    """SELECT 'entry ' || CAST(e.id AS text) AS subject, 'not sealed' AS found, 'sealed' AS expected
    FROM entry e CROSS JOIN (
      SELECT hi_xid, hi_id, floor_id FROM seal WHERE source = 'entry' ORDER BY no DESC LIMIT 1
    ) s
    WHERE e.at < :before AND e.id > s.floor_id
      AND (coalesce(e.xid, 0) > s.hi_xid OR coalesce(e.xid, 0) = s.hi_xid AND e.id > s.hi_id)""",
)
"""Asked only of a ledger that has been sealed at all; `audit verify` recomputes the seals themselves."""

_COVERED = "e.id <= h.floor_id OR coalesce(e.xid, e.id) < h.reached"

SUMMED = Invariant(
    "I11",
    "the sums by day are what the entries up to their horizon add up to",
    f"""SELECT source || ' of ' || place AS subject, CAST(sum(found) AS text) AS found,
      CAST(sum(due) AS text) AS expected
    FROM (
      SELECT 'balances' AS source, CAST(line_id AS text) || ' ' || kind || ' ' || CAST(day AS text) || ' ' || src
        || '>' || dst AS place, amount AS found, 0 AS due
      FROM balance_snapshot WHERE (SELECT cluster FROM snapshot_horizon WHERE source = 'entry') = :cluster
      UNION ALL SELECT 'balances', CAST(c.line_id AS text) || ' ' || c.kind || ' ' || CAST(e.day AS text) || ' '
        || e.src || '>' || e.dst, 0, e.amount
      FROM entry e JOIN commitment c ON c.id = e.commitment_id
        JOIN snapshot_horizon h ON h.source = 'entry' AND h.cluster = :cluster
      WHERE {_COVERED}
      UNION ALL SELECT 'funds', CAST(fund_id AS text) || ' ' || CAST(part_id AS text) || ' ' || kind || ' '
        || CAST(day AS text), amount, 0
      FROM fund_snapshot WHERE (SELECT cluster FROM snapshot_horizon WHERE source = 'fund_entry') = :cluster
      UNION ALL SELECT 'funds', CAST(e.fund_id AS text) || ' ' || CAST(coalesce(e.line_id, e.fund_id) AS text) || ' '
        || e.kind || ' ' || CAST(e.day AS text), 0, e.amount
      FROM fund_entry e JOIN snapshot_horizon h ON h.source = 'fund_entry' AND h.cluster = :cluster
      WHERE {_COVERED}
    ) s GROUP BY source, place HAVING sum(found) <> sum(due)
    UNION ALL SELECT 'spenders of ' || place, min(found), min(due) FROM (
      SELECT CAST(line_id AS text) || ' ' || CAST(enterprise_id AS text) AS place, CAST(first_day AS text) AS found,
        CAST(NULL AS text) AS due
      FROM spender_snapshot WHERE (SELECT cluster FROM snapshot_horizon WHERE source = 'entry') = :cluster
      UNION ALL SELECT CAST(v.line_id AS text) || ' ' || CAST(v.enterprise_id AS text), NULL, CAST(min(e.day) AS text)
      FROM entry e JOIN voucher v ON v.commitment_id = e.commitment_id
        JOIN snapshot_horizon h ON h.source = 'entry' AND h.cluster = :cluster
      WHERE e.kind = 'reserve' AND ({_COVERED}) GROUP BY v.line_id, v.enterprise_id
    ) s GROUP BY place HAVING coalesce(min(found), '') <> coalesce(min(due), '')""",  # noqa: S608 - our own words
)
"""Asked of the sums that belong to this database cluster: in another one they are begun anew and not read before."""
