-- What SQLite itself refuses: the same guards as in postgresql.sql. SQLite has one writer, so nothing is locked here.
-- After each UPDATE of a trigger stands a test that it happened: under INSERT OR IGNORE a refused one would be skipped.
-- Each statement begins with CREATE at the start of a line; a migration executes a frozen copy of this file.

-- T1. An entry carries itself out: commitment, hold, redemption.

CREATE TRIGGER entry_apply AFTER INSERT ON entry BEGIN
  UPDATE commitment SET
      available = available + NEW.amount * ((NEW.dst = 'available') - (NEW.src = 'available')),
      reserved = reserved + NEW.amount * ((NEW.dst = 'reserved') - (NEW.src = 'reserved')),
      payable = payable + NEW.amount * ((NEW.dst = 'payable') - (NEW.src = 'payable')),
      paid = paid + NEW.amount * ((NEW.dst = 'paid') - (NEW.src = 'paid')),
      recalled = recalled + NEW.amount * ((NEW.dst = 'recalled') - (NEW.src = 'recalled')),
      clawed = clawed + NEW.amount * ((NEW.dst = 'clawed') - (NEW.src = 'clawed')),
      seq = NEW.seq, chain = NEW.hash
    WHERE id = NEW.commitment_id AND seq = NEW.seq - 1 AND chain = NEW.prev_hash AND pilot_id = NEW.pilot_id;
  SELECT RAISE(ABORT, 'stale')
    WHERE NOT EXISTS (SELECT 1 FROM commitment WHERE id = NEW.commitment_id AND seq = NEW.seq AND chain = NEW.hash);

  UPDATE hold SET state = 'pending', last_entry = NEW.id
    WHERE NEW.kind = 'reserve' AND id = NEW.hold_id AND commitment_id = NEW.commitment_id
      AND provider_id = NEW.provider_id AND amount = NEW.amount AND state = 'new'
      -- after the last day only a transfer: the entry before is the release of the hold that this one replaces
      AND EXISTS (SELECT 1 FROM commitment c WHERE c.id = NEW.commitment_id AND c.kind = 'voucher' AND NOT c.frozen
        AND CASE WHEN hold.replaces IS NULL THEN c.last_day >= NEW.day ELSE EXISTS (
          SELECT 1 FROM entry e WHERE e.commitment_id = NEW.commitment_id AND e.seq = NEW.seq - 1
            AND e.kind = 'release' AND e.hold_id = hold.replaces AND e.amount = NEW.amount AND e.at = NEW.at) END);
  SELECT RAISE(ABORT, 'no such new hold')
    WHERE NEW.kind = 'reserve' AND NOT EXISTS (SELECT 1 FROM hold WHERE id = NEW.hold_id AND last_entry = NEW.id);

  UPDATE hold SET posted = posted + NEW.amount, last_entry = NEW.id,
      state = CASE WHEN posted + released + NEW.amount = amount THEN 'closed' ELSE 'pending' END
    WHERE NEW.kind = 'redeem' AND id = NEW.hold_id AND commitment_id = NEW.commitment_id
      AND provider_id = NEW.provider_id AND state = 'pending' AND last_day >= NEW.day
      AND EXISTS (SELECT 1 FROM commitment c WHERE c.id = NEW.commitment_id AND NOT c.frozen);
  UPDATE hold SET released = released + NEW.amount, last_entry = NEW.id,
      state = CASE WHEN posted + released + NEW.amount = amount THEN 'closed' ELSE 'pending' END
    WHERE NEW.kind IN ('release', 'lapse') AND id = NEW.hold_id AND commitment_id = NEW.commitment_id AND state = 'pending'
      AND (NEW.kind = 'release'
        OR EXISTS (SELECT 1 FROM commitment c WHERE c.id = NEW.commitment_id AND c.last_day < NEW.day));
  SELECT RAISE(ABORT, 'hold not open for this')
    WHERE NEW.hold_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM hold WHERE id = NEW.hold_id AND last_entry = NEW.id);

  SELECT RAISE(ABORT, 'a voucher is redeemed through a hold')
    WHERE NEW.kind = 'redeem' AND NEW.hold_id IS NULL AND NOT EXISTS (
      SELECT 1 FROM commitment WHERE id = NEW.commitment_id AND kind = 'contract' AND NOT frozen);
  SELECT RAISE(ABORT, 'not the provider of the contract')
    WHERE NEW.kind = 'redeem' AND NEW.hold_id IS NULL AND NOT EXISTS (
      SELECT 1 FROM direct_contract d WHERE d.commitment_id = NEW.commitment_id AND d.provider_id = NEW.provider_id);
  SELECT RAISE(ABORT, 'not yet expired')
    WHERE NEW.kind = 'expire' AND (SELECT last_day FROM commitment WHERE id = NEW.commitment_id) >= NEW.day;

  INSERT INTO redemption (entry_id, commitment_id, hold_id, provider_id, amount, last_entry)
    SELECT NEW.id, NEW.commitment_id, NEW.hold_id, NEW.provider_id, NEW.amount, NEW.id WHERE NEW.kind = 'redeem';
  SELECT RAISE(ABORT, 'redemption without its entry')
    WHERE NEW.kind = 'redeem' AND NOT EXISTS (SELECT 1 FROM redemption WHERE entry_id = NEW.id);

  SELECT RAISE(ABORT, 'part is in a batch')
    WHERE NEW.kind IN ('refund', 'cut') AND EXISTS (
      SELECT 1 FROM claim_item ci JOIN batch_item b ON b.claim_id = ci.claim_id
      WHERE ci.redemption_id = NEW.redemption_id AND ci.live AND b.state <> 'failed');
  SELECT RAISE(ABORT, 'wrong side of the last day')
    WHERE NEW.kind IN ('refund', 'cut')
      AND (NEW.dst = 'recalled') <> ((SELECT last_day FROM commitment WHERE id = NEW.commitment_id) < NEW.day);
  SELECT RAISE(ABORT, 'settled without its payment')
    WHERE NEW.kind = 'settle' AND NOT EXISTS (
      SELECT 1 FROM payout_attempt p JOIN batch_item b ON b.id = p.batch_item_id
        JOIN claim_item ci ON ci.claim_id = b.claim_id AND ci.redemption_id = NEW.redemption_id
      WHERE p.id = NEW.attempt_id AND p.state = 'confirmed' AND ci.live AND ci.approved = NEW.amount);
  UPDATE redemption SET last_entry = NEW.id,
      refunded = refunded + CASE WHEN NEW.kind IN ('refund', 'cut') THEN NEW.amount ELSE 0 END,
      settled = settled + CASE WHEN NEW.kind = 'settle' THEN NEW.amount ELSE 0 END,
      clawed = clawed + CASE WHEN NEW.kind = 'clawback' THEN NEW.amount ELSE 0 END
    WHERE NEW.redemption_id IS NOT NULL AND entry_id = NEW.redemption_id AND commitment_id = NEW.commitment_id;
  SELECT RAISE(ABORT, 'no such redemption')
    WHERE NEW.redemption_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM redemption WHERE entry_id = NEW.redemption_id AND last_entry = NEW.id);
END;

-- T1 of the funds: fund, bucket, and what an issue may use.

CREATE TRIGGER fund_apply AFTER INSERT ON fund_entry BEGIN
  SELECT RAISE(ABORT, 'line of another fund')
    WHERE NEW.line_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM budget_line WHERE id = NEW.line_id AND fund_id = NEW.fund_id);
  SELECT RAISE(ABORT, 'fund of another pilot')
    WHERE NOT EXISTS (SELECT 1 FROM fund WHERE id = NEW.fund_id AND pilot_id = NEW.pilot_id);
  UPDATE fund SET
      award = award + NEW.amount * (NEW.kind = 'award'),
      received = received + NEW.amount * ((NEW.kind = 'receipt') - (NEW.kind = 'unreceipt')),
      renovation_allotted = renovation_allotted + NEW.amount * ((NEW.kind = 'allot') - (NEW.kind = 'unallot'))
        * coalesce((SELECT share = 'renovation' FROM budget_line WHERE id = NEW.line_id), 0),
      other_allotted = other_allotted + NEW.amount * ((NEW.kind = 'allot') - (NEW.kind = 'unallot'))
        * coalesce((SELECT share = 'other' FROM budget_line WHERE id = NEW.line_id), 0),
      paid = paid + NEW.amount * ((NEW.kind = 'pay') - (NEW.kind = 'unpay')),
      recovered = recovered + NEW.amount * (NEW.kind = 'recover'),
      returned = returned + NEW.amount * ((NEW.kind = 'return') - (NEW.kind = 'unreturn')),
      interest = interest + NEW.amount * ((NEW.kind = 'interest') - (NEW.kind = 'uninterest')),
      remitted = remitted + NEW.amount * ((NEW.kind = 'remit') - (NEW.kind = 'unremit')),
      seq = NEW.seq
    WHERE NEW.seq IS NOT NULL AND id = NEW.fund_id AND seq = NEW.seq - 1;
  SELECT RAISE(ABORT, 'stale')
    WHERE NEW.seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fund WHERE id = NEW.fund_id AND seq = NEW.seq);
  UPDATE line_bucket SET
      allotted = allotted + NEW.amount * ((NEW.kind = 'allot') - (NEW.kind = 'unallot')),
      available = available + NEW.amount
        * ((NEW.kind IN ('allot', 'recall', 'carry')) - (NEW.kind IN ('unallot', 'issue', 'close'))),
      committed = committed + NEW.amount * ((NEW.kind = 'issue') - (NEW.kind IN ('recall', 'lapse'))),
      lapsed = lapsed + NEW.amount * ((NEW.kind IN ('lapse', 'close')) - (NEW.kind = 'carry')),
      seq = NEW.bseq
    WHERE NEW.bseq IS NOT NULL AND line_id = NEW.line_id AND k = NEW.k AND seq = NEW.bseq - 1;
  SELECT RAISE(ABORT, 'stale')
    WHERE NEW.bseq IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM line_bucket WHERE line_id = NEW.line_id AND k = NEW.k AND seq = NEW.bseq);
  SELECT RAISE(ABORT, 'no such issue batch')
    WHERE NEW.kind = 'issue' AND NOT EXISTS (
      SELECT 1 FROM issue_batch WHERE id = NEW.issue_batch_id AND line_id = NEW.line_id AND funded + NEW.amount <= total);
  UPDATE issue_batch SET funded = funded + NEW.amount WHERE NEW.kind = 'issue' AND id = NEW.issue_batch_id;
  -- what returns to a bucket was recalled from a commitment of the same line, and never more than that
  SELECT RAISE(ABORT, 'nothing recalled for this')
    WHERE NEW.kind IN ('recall', 'lapse') AND NOT EXISTS (
      SELECT 1 FROM entry e JOIN commitment c ON c.id = e.commitment_id
      WHERE e.id = NEW.entry_id AND e.dst = 'recalled' AND c.line_id = NEW.line_id AND e.amount >=
        (SELECT sum(f.amount) FROM fund_entry f WHERE f.entry_id = NEW.entry_id AND f.kind IN ('recall', 'lapse')));
  SELECT RAISE(ABORT, 'wrong side of the closing day')
    WHERE NEW.kind IN ('recall', 'lapse', 'close', 'carry')
      AND (NEW.kind IN ('lapse', 'close')) <> ((SELECT closes_on FROM budget_line WHERE id = NEW.line_id) < NEW.day);
  SELECT RAISE(ABORT, 'nothing to take back')
    WHERE NEW.corrects IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM fund_entry f WHERE f.id = NEW.corrects AND f.fund_id = NEW.fund_id AND f.amount = NEW.amount
        AND 'un' || f.kind = NEW.kind);
  SELECT RAISE(ABORT, 'nothing clawed back for this')
    WHERE NEW.kind = 'recover' AND NOT EXISTS (
      SELECT 1 FROM entry e JOIN commitment c ON c.id = e.commitment_id JOIN budget_line b ON b.id = c.line_id
      WHERE e.id = NEW.entry_id AND e.kind = 'clawback' AND b.fund_id = NEW.fund_id AND e.amount >=
        (SELECT sum(f.amount) FROM fund_entry f WHERE f.entry_id = NEW.entry_id AND f.kind = 'recover'));
  SELECT RAISE(ABORT, 'paid without its batch')
    WHERE NEW.kind = 'pay' AND NOT EXISTS (
      SELECT 1 FROM payment_batch b WHERE b.id = NEW.batch_id AND b.state = 'approved' AND b.total = NEW.amount);
  SELECT RAISE(ABORT, 'nothing failed for this')
    WHERE NEW.kind = 'unpay' AND NOT EXISTS (
      SELECT 1 FROM payment_batch b WHERE b.id = NEW.batch_id
        AND EXISTS (SELECT 1 FROM fund_entry f WHERE f.batch_id = b.id AND f.kind = 'pay')
        AND b.total - (SELECT coalesce(sum(i.amount), 0) FROM batch_item i WHERE i.batch_id = b.id AND i.state <> 'failed') >=
          (SELECT sum(f.amount) FROM fund_entry f WHERE f.batch_id = b.id AND f.kind = 'unpay'));
END;

-- A commitment is counted against what its batch was given, and belongs to the pilot and period of its line.
CREATE TRIGGER count_issue AFTER INSERT ON commitment BEGIN
  SELECT RAISE(ABORT, 'outside the line')
    WHERE NOT EXISTS (SELECT 1 FROM budget_line l
      WHERE l.id = NEW.line_id AND l.pilot_id = NEW.pilot_id AND l.closes_on >= NEW.last_day);
  SELECT RAISE(ABORT, 'issued beyond the batch')
    WHERE NOT EXISTS (SELECT 1 FROM issue_batch WHERE id = NEW.issue_batch_id AND issued + NEW.face <= funded);
  UPDATE issue_batch SET issued = issued + NEW.face WHERE id = NEW.issue_batch_id;
END;

-- T2. A balance changes only as the entry says to which its row now points.

CREATE TRIGGER commitment_guard BEFORE UPDATE OF id, kind, line_id, issue_batch_id, pilot_id, city, currency, face, available, reserved, payable, paid, recalled, clawed, seq, chain, last_day ON commitment BEGIN
  SELECT RAISE(ABORT, 'commitment change without its entry')
    WHERE NOT (NEW.id = OLD.id AND NEW.kind = OLD.kind AND NEW.line_id = OLD.line_id AND NEW.issue_batch_id = OLD.issue_batch_id
        AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city AND NEW.currency = OLD.currency AND NEW.face = OLD.face
        AND NEW.last_day = OLD.last_day AND NEW.seq = OLD.seq + 1)
      OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.commitment_id = NEW.id AND e.seq = NEW.seq AND e.hash = NEW.chain
        AND NEW.available - OLD.available = e.amount * ((e.dst = 'available') - (e.src = 'available'))
        AND NEW.reserved - OLD.reserved = e.amount * ((e.dst = 'reserved') - (e.src = 'reserved'))
        AND NEW.payable - OLD.payable = e.amount * ((e.dst = 'payable') - (e.src = 'payable'))
        AND NEW.paid - OLD.paid = e.amount * ((e.dst = 'paid') - (e.src = 'paid'))
        AND NEW.recalled - OLD.recalled = e.amount * ((e.dst = 'recalled') - (e.src = 'recalled'))
        AND NEW.clawed - OLD.clawed = e.amount * ((e.dst = 'clawed') - (e.src = 'clawed')));
END;
CREATE TRIGGER commitment_born BEFORE INSERT ON commitment WHEN NEW.seq <> 0 BEGIN
  SELECT RAISE(ABORT, 'commitment born wrong');
END;

CREATE TRIGGER hold_guard BEFORE UPDATE ON hold BEGIN
  SELECT RAISE(ABORT, 'hold change without its entry')
    WHERE NOT (NEW.id = OLD.id AND NEW.commitment_id = OLD.commitment_id AND NEW.order_id = OLD.order_id
        AND NEW.provider_id = OLD.provider_id AND NEW.amount = OLD.amount AND NEW.last_day = OLD.last_day
        AND NEW.replaces IS OLD.replaces AND NEW.last_entry > OLD.last_entry)
      OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = NEW.last_entry AND e.hold_id = NEW.id
        AND NEW.posted - OLD.posted = CASE WHEN e.kind = 'redeem' THEN e.amount ELSE 0 END
        AND NEW.released - OLD.released = CASE WHEN e.kind IN ('release', 'lapse') THEN e.amount ELSE 0 END
        AND (OLD.state = 'new') = (e.kind = 'reserve') AND NEW.state <> 'new');
END;
CREATE TRIGGER hold_born BEFORE INSERT ON hold BEGIN
  SELECT RAISE(ABORT, 'hold born wrong')
    WHERE NEW.posted <> 0 OR NEW.released <> 0 OR NEW.state <> 'new' OR NEW.last_entry <> 0
      OR NEW.last_day > (SELECT l.closes_on FROM commitment c JOIN budget_line l ON l.id = c.line_id WHERE c.id = NEW.commitment_id)
      OR NEW.replaces IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM hold h WHERE h.id = NEW.replaces AND h.commitment_id = NEW.commitment_id);
END;

CREATE TRIGGER redemption_born BEFORE INSERT ON redemption BEGIN
  SELECT RAISE(ABORT, 'redemption without its entry')
    WHERE NEW.refunded + NEW.settled + NEW.clawed <> 0 OR NEW.last_entry <> NEW.entry_id OR NOT EXISTS (
      SELECT 1 FROM entry e WHERE e.id = NEW.entry_id AND e.kind = 'redeem' AND e.commitment_id = NEW.commitment_id
        AND e.amount = NEW.amount AND e.provider_id = NEW.provider_id AND e.hold_id IS NEW.hold_id);
END;
CREATE TRIGGER redemption_guard BEFORE UPDATE ON redemption BEGIN
  SELECT RAISE(ABORT, 'redemption change without its entry')
    WHERE NOT (NEW.entry_id = OLD.entry_id AND NEW.commitment_id = OLD.commitment_id AND NEW.amount = OLD.amount
        AND NEW.provider_id = OLD.provider_id AND NEW.hold_id IS OLD.hold_id AND NEW.last_entry > OLD.last_entry)
      OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = NEW.last_entry AND e.redemption_id = NEW.entry_id
        AND NEW.refunded - OLD.refunded = CASE WHEN e.kind IN ('refund', 'cut') THEN e.amount ELSE 0 END
        AND NEW.settled - OLD.settled = CASE WHEN e.kind = 'settle' THEN e.amount ELSE 0 END
        AND NEW.clawed - OLD.clawed = CASE WHEN e.kind = 'clawback' THEN e.amount ELSE 0 END);
END;

CREATE TRIGGER fund_guard BEFORE UPDATE ON fund BEGIN
  SELECT RAISE(ABORT, 'fund change without its entry')
    WHERE NOT (NEW.id = OLD.id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city AND NEW.source = OLD.source
        AND NEW.currency = OLD.currency AND NEW.ceiling_bps IS OLD.ceiling_bps AND NEW.seq = OLD.seq + 1)
      OR NOT EXISTS (SELECT 1 FROM fund_entry e LEFT JOIN budget_line l ON l.id = e.line_id AND l.fund_id = e.fund_id
        WHERE e.fund_id = NEW.id AND e.seq = NEW.seq
        AND NEW.award - OLD.award = e.amount * (e.kind = 'award')
        AND NEW.received - OLD.received = e.amount * ((e.kind = 'receipt') - (e.kind = 'unreceipt'))
        AND NEW.renovation_allotted - OLD.renovation_allotted =
          e.amount * ((e.kind = 'allot') - (e.kind = 'unallot')) * coalesce(l.share = 'renovation', 0)
        AND NEW.other_allotted - OLD.other_allotted =
          e.amount * ((e.kind = 'allot') - (e.kind = 'unallot')) * coalesce(l.share = 'other', 0)
        AND NEW.paid - OLD.paid = e.amount * ((e.kind = 'pay') - (e.kind = 'unpay'))
        AND NEW.recovered - OLD.recovered = e.amount * (e.kind = 'recover')
        AND NEW.returned - OLD.returned = e.amount * ((e.kind = 'return') - (e.kind = 'unreturn'))
        AND NEW.interest - OLD.interest = e.amount * ((e.kind = 'interest') - (e.kind = 'uninterest'))
        AND NEW.remitted - OLD.remitted = e.amount * ((e.kind = 'remit') - (e.kind = 'unremit')));
END;
CREATE TRIGGER fund_born BEFORE INSERT ON fund
  WHEN NEW.seq <> 0 OR NEW.award + NEW.received + NEW.renovation_allotted + NEW.other_allotted + NEW.paid + NEW.recovered + NEW.returned + NEW.interest + NEW.remitted <> 0 BEGIN
  SELECT RAISE(ABORT, 'fund born wrong');
END;

CREATE TRIGGER bucket_guard BEFORE UPDATE ON line_bucket BEGIN
  SELECT RAISE(ABORT, 'bucket change without its entry')
    WHERE NOT (NEW.line_id = OLD.line_id AND NEW.k = OLD.k AND NEW.seq = OLD.seq + 1)
      OR NOT EXISTS (SELECT 1 FROM fund_entry e WHERE e.line_id = NEW.line_id AND e.k = NEW.k AND e.bseq = NEW.seq
        AND NEW.allotted - OLD.allotted = e.amount * ((e.kind = 'allot') - (e.kind = 'unallot'))
        AND NEW.available - OLD.available = e.amount
          * ((e.kind IN ('allot', 'recall', 'carry')) - (e.kind IN ('unallot', 'issue', 'close')))
        AND NEW.committed - OLD.committed = e.amount * ((e.kind = 'issue') - (e.kind IN ('recall', 'lapse')))
        AND NEW.lapsed - OLD.lapsed = e.amount * ((e.kind IN ('lapse', 'close')) - (e.kind = 'carry')));
END;
CREATE TRIGGER bucket_born BEFORE INSERT ON line_bucket WHEN NEW.seq <> 0 OR NEW.allotted <> 0 BEGIN
  SELECT RAISE(ABORT, 'bucket born wrong');
END;

CREATE TRIGGER line_guard BEFORE UPDATE ON budget_line BEGIN
  SELECT RAISE(ABORT, 'a line keeps its nature')
    WHERE NOT (NEW.id = OLD.id AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
      AND NEW.category = OLD.category AND NEW.share = OLD.share AND NEW.currency = OLD.currency
      AND NEW.closes_on >= OLD.closes_on);
END;
CREATE TRIGGER line_born BEFORE INSERT ON budget_line BEGIN
  SELECT RAISE(ABORT, 'fund of another pilot')
    WHERE NOT EXISTS (SELECT 1 FROM fund WHERE id = NEW.fund_id AND pilot_id = NEW.pilot_id);
END;

-- Money set aside is that of the fund entries; what came out only rises, by the face of the newest commitment.
CREATE TRIGGER issue_batch_guard BEFORE UPDATE ON issue_batch BEGIN
  SELECT RAISE(ABORT, 'issue batch changed by hand')
    WHERE NOT (NEW.id = OLD.id AND NEW.line_id = OLD.line_id AND NEW.idem_scope = OLD.idem_scope AND NEW.idem_key = OLD.idem_key
        AND NEW.req_hash = OLD.req_hash AND NEW.file_sha256 IS OLD.file_sha256 AND NEW.n = OLD.n AND NEW.total = OLD.total)
      OR NEW.funded <> OLD.funded AND NEW.funded <>
        (SELECT coalesce(sum(amount), 0) FROM fund_entry WHERE issue_batch_id = NEW.id AND kind = 'issue')
      OR NEW.issued <> OLD.issued AND NOT EXISTS (
        SELECT 1 FROM commitment WHERE seq = 0 AND face = NEW.issued - OLD.issued
          AND rowid = (SELECT max(rowid) FROM commitment WHERE issue_batch_id = NEW.id));
END;
CREATE TRIGGER issue_batch_born BEFORE INSERT ON issue_batch WHEN NEW.funded <> 0 OR NEW.issued <> 0 BEGIN
  SELECT RAISE(ABORT, 'issue batch born wrong');
END;

-- Claims: made of parts of their own commitment, for the payee that their mode names.

CREATE TRIGGER claim_born BEFORE INSERT ON claim BEGIN
  SELECT RAISE(ABORT, 'claim born wrong')
    WHERE NEW.state <> 'submitted'
      OR NOT EXISTS (SELECT 1 FROM commitment c WHERE c.id = NEW.commitment_id AND c.pilot_id = NEW.pilot_id);
END;
CREATE TRIGGER claim_guard BEFORE UPDATE ON claim BEGIN
  SELECT RAISE(ABORT, 'a claim keeps its nature')
    WHERE NOT (NEW.id = OLD.id AND NEW.commitment_id = OLD.commitment_id AND NEW.kind = OLD.kind AND NEW.line_id = OLD.line_id
      AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
      AND NEW.payee_organisation_id = OLD.payee_organisation_id AND NEW.mode = OLD.mode);
  SELECT RAISE(ABORT, 'claim step')
    WHERE NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
      'submitted>reviewed', 'submitted>returned', 'submitted>rejected', 'reviewed>approved', 'reviewed>returned',
      'reviewed>rejected', 'approved>paid', 'approved>rejected', 'returned>submitted',
      'returned>rejected');
  SELECT RAISE(ABORT, 'claim is in a batch')
    WHERE NEW.state <> OLD.state AND NEW.state <> 'paid'
      AND EXISTS (SELECT 1 FROM batch_item WHERE claim_id = NEW.id AND state <> 'failed');
  SELECT RAISE(ABORT, 'claim is not paid')
    WHERE NEW.state = 'paid' AND OLD.state <> 'paid'
      AND NOT EXISTS (SELECT 1 FROM batch_item WHERE claim_id = NEW.id AND state = 'paid');
  SELECT RAISE(ABORT, 'part without a decision')
    WHERE NEW.state = 'approved' AND OLD.state <> 'approved'
      AND EXISTS (SELECT 1 FROM claim_item WHERE claim_id = NEW.id AND live AND approved IS NULL);
END;

CREATE TRIGGER claim_item_born BEFORE INSERT ON claim_item BEGIN
  SELECT RAISE(ABORT, 'part not open to this claim')
    WHERE NOT NEW.live OR NOT EXISTS (
      SELECT 1 FROM claim k JOIN redemption r ON r.entry_id = NEW.redemption_id LEFT JOIN voucher v ON v.commitment_id = k.commitment_id
      WHERE k.id = NEW.claim_id AND k.state = 'submitted' AND NEW.asked <= r.amount - r.refunded - r.settled
        AND k.payee_organisation_id = CASE k.mode WHEN 'reimbursed' THEN v.enterprise_id ELSE r.provider_id END);
END;
CREATE TRIGGER claim_item_guard BEFORE UPDATE ON claim_item BEGIN
  SELECT RAISE(ABORT, 'a part keeps its nature')
    WHERE NOT (NEW.claim_id = OLD.claim_id AND NEW.redemption_id = OLD.redemption_id AND NEW.commitment_id = OLD.commitment_id
      AND NEW.asked = OLD.asked AND (OLD.live OR NOT NEW.live));
  SELECT RAISE(ABORT, 'claim is decided')
    WHERE EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim_id AND state IN ('approved', 'paid'))
      OR EXISTS (SELECT 1 FROM batch_item WHERE claim_id = NEW.claim_id AND state <> 'failed');
END;

-- Batches: what is approved is the sum of its items, and nothing is added or taken away afterwards.

CREATE TRIGGER payment_batch_born BEFORE INSERT ON payment_batch BEGIN
  SELECT RAISE(ABORT, 'batch born wrong')
    WHERE NEW.state <> 'draft' OR NEW.checker_id IS NOT NULL
      OR NOT EXISTS (SELECT 1 FROM fund f WHERE f.id = NEW.fund_id AND f.pilot_id = NEW.pilot_id);
END;
CREATE TRIGGER payment_batch_guard BEFORE UPDATE ON payment_batch BEGIN
  SELECT RAISE(ABORT, 'a batch keeps its nature')
    WHERE NOT (NEW.id = OLD.id AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
        AND NEW.number = OLD.number AND NEW.maker_id = OLD.maker_id)
      OR OLD.state <> 'draft' AND NOT (NEW.total = OLD.total AND NEW.checker_id IS OLD.checker_id
        AND NEW.approved_on IS OLD.approved_on);
  SELECT RAISE(ABORT, 'batch step')
    WHERE NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
      'draft>approved', 'draft>cancelled', 'approved>sent', 'approved>done', 'sent>done');
  SELECT RAISE(ABORT, 'total is not the sum of its items')
    WHERE OLD.state = 'draft' AND NEW.state = 'approved' AND NEW.total <> (
      SELECT coalesce(sum(amount), 0) FROM batch_item WHERE batch_id = NEW.id AND state <> 'failed');
  SELECT RAISE(ABORT, 'items still open')
    WHERE NEW.state <> OLD.state AND NEW.state IN ('done', 'cancelled')
      AND EXISTS (SELECT 1 FROM batch_item WHERE batch_id = NEW.id AND state = 'open');
END;

CREATE TRIGGER item_born BEFORE INSERT ON batch_item BEGIN
  SELECT RAISE(ABORT, 'claim or batch not open for this')
    WHERE NEW.state <> 'open' OR NOT EXISTS (
      SELECT 1 FROM claim k, payment_batch b
      WHERE k.id = NEW.claim_id AND k.state = 'approved' AND b.id = NEW.batch_id AND b.state = 'draft');
  SELECT RAISE(ABORT, 'not what is payable')
    WHERE NEW.amount <> (SELECT coalesce(sum(approved), 0) FROM claim_item WHERE claim_id = NEW.claim_id AND live)
      OR EXISTS (SELECT 1 FROM claim_item ci JOIN redemption r ON r.entry_id = ci.redemption_id
        WHERE ci.claim_id = NEW.claim_id AND ci.live AND ci.approved > r.amount - r.refunded - r.settled);
END;
CREATE TRIGGER item_fail BEFORE UPDATE ON batch_item BEGIN
  SELECT RAISE(ABORT, 'an item keeps its nature')
    WHERE NOT (NEW.id = OLD.id AND NEW.claim_id = OLD.claim_id AND NEW.batch_id = OLD.batch_id AND NEW.fund_id = OLD.fund_id
        AND NEW.amount = OLD.amount AND NEW.account_id = OLD.account_id AND NEW.account = OLD.account)
      OR NEW.state <> OLD.state AND OLD.state <> 'open';
  SELECT RAISE(ABORT, 'attempt still open')
    WHERE NEW.state = 'failed' AND EXISTS (SELECT 1 FROM payout_attempt WHERE batch_item_id = NEW.id AND state <> 'failed');
  SELECT RAISE(ABORT, 'item is not paid')
    WHERE NEW.state = 'paid' AND NOT EXISTS (SELECT 1 FROM payout_attempt WHERE batch_item_id = NEW.id AND state = 'confirmed');
END;

CREATE TRIGGER attempt_born BEFORE INSERT ON payout_attempt BEGIN
  SELECT RAISE(ABORT, 'item not open for payment')
    WHERE NEW.state <> 'prepared' OR NOT EXISTS (
      SELECT 1 FROM batch_item i JOIN payment_batch b ON b.id = i.batch_id
      WHERE i.id = NEW.batch_item_id AND i.state = 'open' AND b.state IN ('approved', 'sent'));
END;
CREATE TRIGGER attempt_guard BEFORE UPDATE ON payout_attempt BEGIN
  SELECT RAISE(ABORT, 'attempt step')
    WHERE NEW.id <> OLD.id OR NEW.batch_item_id <> OLD.batch_item_id OR NEW.attempt_no <> OLD.attempt_no
      OR NEW.end_to_end_id <> OLD.end_to_end_id
      OR OLD.state || '>' || NEW.state NOT IN ('prepared>sent', 'prepared>failed', 'sent>confirmed', 'sent>failed',
        'sent>unknown', 'unknown>confirmed', 'unknown>failed');
END;

-- Two writers of one commitment, or two acts under one key: the later begins again and sees the earlier.
CREATE TRIGGER entry_norep_seq BEFORE INSERT ON entry
  WHEN EXISTS (SELECT 1 FROM entry WHERE commitment_id = NEW.commitment_id AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM entry WHERE idem_scope = NEW.idem_scope AND idem_key = NEW.idem_key) BEGIN
  SELECT RAISE(ABORT, 'stale');
END;
CREATE TRIGGER entry_norep_settled BEFORE INSERT ON entry
  WHEN NEW.kind = 'settle' AND EXISTS (SELECT 1 FROM entry WHERE kind = 'settle' AND redemption_id = NEW.redemption_id AND attempt_id = NEW.attempt_id) BEGIN
  SELECT RAISE(ABORT, 'part is settled already');
END;
CREATE TRIGGER fund_entry_norep_seq BEFORE INSERT ON fund_entry
  WHEN EXISTS (SELECT 1 FROM fund_entry WHERE fund_id = NEW.fund_id AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM fund_entry WHERE line_id = NEW.line_id AND k = NEW.k AND bseq = NEW.bseq)
    OR EXISTS (SELECT 1 FROM fund_entry WHERE idem_scope = NEW.idem_scope AND idem_key = NEW.idem_key) BEGIN
  SELECT RAISE(ABORT, 'stale');
END;
CREATE TRIGGER fund_entry_norep_corrected BEFORE INSERT ON fund_entry
  WHEN EXISTS (SELECT 1 FROM fund_entry WHERE corrects = NEW.corrects) BEGIN
  SELECT RAISE(ABORT, 'entry is taken back already');
END;
CREATE TRIGGER fund_entry_norep_paid BEFORE INSERT ON fund_entry
  WHEN NEW.kind = 'pay' AND EXISTS (SELECT 1 FROM fund_entry WHERE kind = 'pay' AND batch_id = NEW.batch_id) BEGIN
  SELECT RAISE(ABORT, 'batch is paid already');
END;
CREATE TRIGGER issue_batch_norep_key BEFORE INSERT ON issue_batch
  WHEN EXISTS (SELECT 1 FROM issue_batch WHERE idem_scope = NEW.idem_scope AND idem_key = NEW.idem_key) BEGIN
  SELECT RAISE(ABORT, 'stale');
END;

-- T3. Nothing is deleted, and what was written down is never changed.

CREATE TRIGGER fund_nodel BEFORE DELETE ON fund BEGIN SELECT RAISE(ABORT, 'fund is never deleted'); END;
CREATE TRIGGER budget_line_nodel BEFORE DELETE ON budget_line BEGIN SELECT RAISE(ABORT, 'budget_line is never deleted'); END;
CREATE TRIGGER line_bucket_nodel BEFORE DELETE ON line_bucket BEGIN SELECT RAISE(ABORT, 'line_bucket is never deleted'); END;
CREATE TRIGGER issue_batch_nodel BEFORE DELETE ON issue_batch BEGIN SELECT RAISE(ABORT, 'issue_batch is never deleted'); END;
CREATE TRIGGER commitment_nodel BEFORE DELETE ON commitment BEGIN SELECT RAISE(ABORT, 'commitment is never deleted'); END;
CREATE TRIGGER voucher_nodel BEFORE DELETE ON voucher BEGIN SELECT RAISE(ABORT, 'voucher is never deleted'); END;
CREATE TRIGGER direct_contract_nodel BEFORE DELETE ON direct_contract BEGIN SELECT RAISE(ABORT, 'direct_contract is never deleted'); END;
CREATE TRIGGER hold_nodel BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT, 'hold is never deleted'); END;
CREATE TRIGGER redemption_nodel BEFORE DELETE ON redemption BEGIN SELECT RAISE(ABORT, 'redemption is never deleted'); END;
CREATE TRIGGER claim_nodel BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'claim is never deleted'); END;
CREATE TRIGGER claim_item_nodel BEFORE DELETE ON claim_item BEGIN SELECT RAISE(ABORT, 'claim_item is never deleted'); END;
CREATE TRIGGER payment_batch_nodel BEFORE DELETE ON payment_batch BEGIN SELECT RAISE(ABORT, 'payment_batch is never deleted'); END;
CREATE TRIGGER batch_item_nodel BEFORE DELETE ON batch_item BEGIN SELECT RAISE(ABORT, 'batch_item is never deleted'); END;
CREATE TRIGGER payout_attempt_nodel BEFORE DELETE ON payout_attempt BEGIN SELECT RAISE(ABORT, 'payout_attempt is never deleted'); END;
CREATE TRIGGER entry_nodel BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entry is never deleted'); END;
CREATE TRIGGER fund_entry_nodel BEFORE DELETE ON fund_entry BEGIN SELECT RAISE(ABORT, 'fund_entry is never deleted'); END;

CREATE TRIGGER entry_noupd BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry is written once'); END;
CREATE TRIGGER fund_entry_noupd BEFORE UPDATE ON fund_entry BEGIN SELECT RAISE(ABORT, 'fund_entry is written once'); END;
CREATE TRIGGER voucher_noupd BEFORE UPDATE ON voucher BEGIN SELECT RAISE(ABORT, 'voucher is written once'); END;
CREATE TRIGGER direct_contract_noupd BEFORE UPDATE ON direct_contract BEGIN SELECT RAISE(ABORT, 'direct_contract is written once'); END;

-- REPLACE deletes the row in its way without a DELETE: an INSERT onto any existing key is refused before it.
CREATE TRIGGER fund_norep BEFORE INSERT ON fund WHEN 
    EXISTS (SELECT 1 FROM fund WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM fund WHERE pilot_id = NEW.pilot_id AND source = NEW.source)
BEGIN SELECT RAISE(ABORT, 'fund exists already'); END;
CREATE TRIGGER budget_line_norep BEFORE INSERT ON budget_line WHEN 
    EXISTS (SELECT 1 FROM budget_line WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM budget_line WHERE fund_id = NEW.fund_id AND category = NEW.category)
BEGIN SELECT RAISE(ABORT, 'budget_line exists already'); END;
CREATE TRIGGER line_bucket_norep BEFORE INSERT ON line_bucket WHEN EXISTS (SELECT 1 FROM line_bucket WHERE line_id = NEW.line_id AND k = NEW.k) BEGIN SELECT RAISE(ABORT, 'line_bucket exists already'); END;
CREATE TRIGGER issue_batch_norep BEFORE INSERT ON issue_batch WHEN EXISTS (SELECT 1 FROM issue_batch WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'issue_batch exists already'); END;
CREATE TRIGGER commitment_norep BEFORE INSERT ON commitment WHEN EXISTS (SELECT 1 FROM commitment WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'commitment exists already'); END;
CREATE TRIGGER voucher_norep BEFORE INSERT ON voucher WHEN 
    EXISTS (SELECT 1 FROM voucher WHERE commitment_id = NEW.commitment_id)
    OR EXISTS (SELECT 1 FROM voucher WHERE number = NEW.number)
    OR EXISTS (SELECT 1 FROM voucher WHERE line_id = NEW.line_id AND enterprise_id = NEW.enterprise_id AND award_no = NEW.award_no)
BEGIN SELECT RAISE(ABORT, 'voucher exists already'); END;
CREATE TRIGGER direct_contract_norep BEFORE INSERT ON direct_contract WHEN 
    EXISTS (SELECT 1 FROM direct_contract WHERE commitment_id = NEW.commitment_id)
    OR EXISTS (SELECT 1 FROM direct_contract WHERE pilot_id = NEW.pilot_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'direct_contract exists already'); END;
CREATE TRIGGER hold_norep BEFORE INSERT ON hold WHEN 
    EXISTS (SELECT 1 FROM hold WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM hold WHERE replaces = NEW.replaces)
    OR EXISTS (SELECT 1 FROM hold WHERE order_id = NEW.order_id AND commitment_id = NEW.commitment_id AND state <> 'closed')
BEGIN SELECT RAISE(ABORT, 'hold exists already'); END;
CREATE TRIGGER redemption_norep BEFORE INSERT ON redemption WHEN EXISTS (SELECT 1 FROM redemption WHERE entry_id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'redemption exists already'); END;
CREATE TRIGGER claim_norep BEFORE INSERT ON claim WHEN EXISTS (SELECT 1 FROM claim WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'claim exists already'); END;
CREATE TRIGGER claim_item_norep BEFORE INSERT ON claim_item WHEN 
    EXISTS (SELECT 1 FROM claim_item WHERE claim_id = NEW.claim_id AND redemption_id = NEW.redemption_id)
    OR EXISTS (SELECT 1 FROM claim_item WHERE redemption_id = NEW.redemption_id AND live AND NEW.live)
BEGIN SELECT RAISE(ABORT, 'claim_item exists already'); END;
CREATE TRIGGER payment_batch_norep BEFORE INSERT ON payment_batch WHEN 
    EXISTS (SELECT 1 FROM payment_batch WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM payment_batch WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'payment_batch exists already'); END;
CREATE TRIGGER batch_item_norep BEFORE INSERT ON batch_item WHEN 
    EXISTS (SELECT 1 FROM batch_item WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM batch_item WHERE claim_id = NEW.claim_id AND state <> 'failed')
BEGIN SELECT RAISE(ABORT, 'batch_item exists already'); END;
CREATE TRIGGER payout_attempt_norep BEFORE INSERT ON payout_attempt WHEN 
    EXISTS (SELECT 1 FROM payout_attempt WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM payout_attempt WHERE end_to_end_id = NEW.end_to_end_id)
    OR EXISTS (SELECT 1 FROM payout_attempt WHERE batch_item_id = NEW.batch_item_id AND attempt_no = NEW.attempt_no)
    OR EXISTS (SELECT 1 FROM payout_attempt WHERE batch_item_id = NEW.batch_item_id AND state <> 'failed')
BEGIN SELECT RAISE(ABORT, 'payout_attempt exists already'); END;
CREATE TRIGGER entry_norep BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'entry exists already'); END;
CREATE TRIGGER fund_entry_norep BEFORE INSERT ON fund_entry WHEN EXISTS (SELECT 1 FROM fund_entry WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'fund_entry exists already'); END;
