-- Year end and corrections: the guards of funds and buckets that changed, as they stood at this revision.

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

CREATE TRIGGER fund_entry_norep_corrected BEFORE INSERT ON fund_entry
  WHEN EXISTS (SELECT 1 FROM fund_entry WHERE corrects = NEW.corrects) BEGIN
  SELECT RAISE(ABORT, 'entry is taken back already');
END;
