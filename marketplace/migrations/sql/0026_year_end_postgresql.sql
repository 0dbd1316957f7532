-- Year end and corrections: the guards of funds and buckets that changed, as they stood at this revision.

CREATE FUNCTION ledger_fund_apply() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  side text;
  closes date;
  part integer := CASE NEW.kind WHEN 'allot' THEN 1 WHEN 'unallot' THEN -1 ELSE 0 END;
BEGIN
  IF NEW.xid IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
    RAISE EXCEPTION 'foreign transaction number' USING ERRCODE = '23514';
  END IF;
  IF NEW.line_id IS NOT NULL THEN
    SELECT share, closes_on INTO side, closes FROM budget_line WHERE id = NEW.line_id AND fund_id = NEW.fund_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'line of another fund' USING ERRCODE = '23514';
    END IF;
  END IF;
  IF NEW.seq IS NOT NULL THEN
    UPDATE fund SET
        award = award + CASE NEW.kind WHEN 'award' THEN NEW.amount ELSE 0 END,
        received = received + CASE NEW.kind WHEN 'receipt' THEN NEW.amount WHEN 'unreceipt' THEN -NEW.amount ELSE 0 END,
        renovation_allotted = renovation_allotted + CASE WHEN side = 'renovation' THEN part * NEW.amount ELSE 0 END,
        other_allotted = other_allotted + CASE WHEN side = 'other' THEN part * NEW.amount ELSE 0 END,
        paid = paid + CASE NEW.kind WHEN 'pay' THEN NEW.amount WHEN 'unpay' THEN -NEW.amount ELSE 0 END,
        recovered = recovered + CASE NEW.kind WHEN 'recover' THEN NEW.amount ELSE 0 END,
        returned = returned + CASE NEW.kind WHEN 'return' THEN NEW.amount WHEN 'unreturn' THEN -NEW.amount ELSE 0 END,
        interest = interest + CASE NEW.kind WHEN 'interest' THEN NEW.amount WHEN 'uninterest' THEN -NEW.amount ELSE 0 END,
        remitted = remitted + CASE NEW.kind WHEN 'remit' THEN NEW.amount WHEN 'unremit' THEN -NEW.amount ELSE 0 END,
        seq = NEW.seq
      WHERE id = NEW.fund_id AND seq = NEW.seq - 1 AND pilot_id = NEW.pilot_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'stale' USING ERRCODE = '40001';
    END IF;
  ELSIF NOT EXISTS (SELECT 1 FROM fund WHERE id = NEW.fund_id AND pilot_id = NEW.pilot_id) THEN
    RAISE EXCEPTION 'fund of another pilot' USING ERRCODE = '23514';
  END IF;
  IF NEW.bseq IS NOT NULL THEN
    UPDATE line_bucket SET
        allotted = allotted + part * NEW.amount,
        available = available + CASE WHEN NEW.kind IN ('recall', 'carry') THEN NEW.amount
          WHEN NEW.kind IN ('issue', 'close') THEN -NEW.amount ELSE part * NEW.amount END,
        committed = committed + CASE NEW.kind WHEN 'issue' THEN NEW.amount WHEN 'recall' THEN -NEW.amount WHEN 'lapse' THEN -NEW.amount ELSE 0 END,
        lapsed = lapsed + CASE WHEN NEW.kind IN ('lapse', 'close') THEN NEW.amount WHEN NEW.kind = 'carry' THEN -NEW.amount ELSE 0 END,
        seq = NEW.bseq
      WHERE line_id = NEW.line_id AND k = NEW.k AND seq = NEW.bseq - 1;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'stale' USING ERRCODE = '40001';
    END IF;
  END IF;
  IF NEW.kind = 'issue' THEN
    UPDATE issue_batch SET funded = funded + NEW.amount WHERE id = NEW.issue_batch_id AND line_id = NEW.line_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no such issue batch' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind IN ('recall', 'lapse') THEN
    -- what returns to a bucket was recalled from a commitment of the same line, and never more than that
    IF NOT EXISTS (SELECT 1 FROM entry e JOIN commitment c ON c.id = e.commitment_id
        WHERE e.id = NEW.entry_id AND e.dst = 'recalled' AND c.line_id = NEW.line_id AND e.amount >=
          (SELECT sum(f.amount) FROM fund_entry f WHERE f.entry_id = NEW.entry_id AND f.kind IN ('recall', 'lapse'))) THEN
      RAISE EXCEPTION 'nothing recalled for this' USING ERRCODE = '23514';
    END IF;
    IF (NEW.kind = 'lapse') <> (closes < NEW.day) THEN
      RAISE EXCEPTION 'wrong side of the closing day' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind IN ('close', 'carry') THEN
    IF (NEW.kind = 'close') <> (closes < NEW.day) THEN
      RAISE EXCEPTION 'wrong side of the closing day' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.corrects IS NOT NULL THEN
    IF NOT EXISTS (SELECT 1 FROM fund_entry f WHERE f.id = NEW.corrects AND f.fund_id = NEW.fund_id
        AND f.amount = NEW.amount AND 'un' || f.kind = NEW.kind) THEN
      RAISE EXCEPTION 'nothing to take back' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind = 'recover' THEN
    IF NOT EXISTS (SELECT 1 FROM entry e JOIN commitment c ON c.id = e.commitment_id JOIN budget_line b ON b.id = c.line_id
        WHERE e.id = NEW.entry_id AND e.kind = 'clawback' AND b.fund_id = NEW.fund_id AND e.amount >=
          (SELECT sum(f.amount) FROM fund_entry f WHERE f.entry_id = NEW.entry_id AND f.kind = 'recover')) THEN
      RAISE EXCEPTION 'nothing clawed back for this' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind = 'pay' THEN
    IF NOT EXISTS (SELECT 1 FROM payment_batch b WHERE b.id = NEW.batch_id AND b.state = 'approved' AND b.total = NEW.amount) THEN
      RAISE EXCEPTION 'paid without its batch' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind = 'unpay' THEN
    IF NOT EXISTS (SELECT 1 FROM payment_batch b WHERE b.id = NEW.batch_id
          AND EXISTS (SELECT 1 FROM fund_entry f WHERE f.batch_id = b.id AND f.kind = 'pay')
          AND b.total - (SELECT coalesce(sum(i.amount), 0) FROM batch_item i WHERE i.batch_id = b.id AND i.state <> 'failed') >=
            (SELECT sum(f.amount) FROM fund_entry f WHERE f.batch_id = b.id AND f.kind = 'unpay')) THEN
      RAISE EXCEPTION 'nothing failed for this' USING ERRCODE = '23514';
    END IF;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_fund_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (NEW.id = OLD.id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city AND NEW.source = OLD.source
      AND NEW.currency = OLD.currency AND NEW.ceiling_bps IS NOT DISTINCT FROM OLD.ceiling_bps AND NEW.seq = OLD.seq + 1)
    OR NOT EXISTS (SELECT 1 FROM fund_entry e LEFT JOIN budget_line l ON l.id = e.line_id AND l.fund_id = e.fund_id
      WHERE e.fund_id = NEW.id AND e.seq = NEW.seq
      AND NEW.award - OLD.award = CASE e.kind WHEN 'award' THEN e.amount ELSE 0 END
      AND NEW.received - OLD.received = CASE e.kind WHEN 'receipt' THEN e.amount WHEN 'unreceipt' THEN -e.amount ELSE 0 END
      AND NEW.renovation_allotted - OLD.renovation_allotted = CASE WHEN l.share = 'renovation' AND e.kind = 'allot' THEN e.amount
        WHEN l.share = 'renovation' AND e.kind = 'unallot' THEN -e.amount ELSE 0 END
      AND NEW.other_allotted - OLD.other_allotted = CASE WHEN l.share = 'other' AND e.kind = 'allot' THEN e.amount
        WHEN l.share = 'other' AND e.kind = 'unallot' THEN -e.amount ELSE 0 END
      AND NEW.paid - OLD.paid = CASE e.kind WHEN 'pay' THEN e.amount WHEN 'unpay' THEN -e.amount ELSE 0 END
      AND NEW.recovered - OLD.recovered = CASE e.kind WHEN 'recover' THEN e.amount ELSE 0 END
      AND NEW.returned - OLD.returned = CASE e.kind WHEN 'return' THEN e.amount WHEN 'unreturn' THEN -e.amount ELSE 0 END
      AND NEW.interest - OLD.interest = CASE e.kind WHEN 'interest' THEN e.amount WHEN 'uninterest' THEN -e.amount ELSE 0 END
      AND NEW.remitted - OLD.remitted = CASE e.kind WHEN 'remit' THEN e.amount WHEN 'unremit' THEN -e.amount ELSE 0 END) THEN
    RAISE EXCEPTION 'fund change without its entry' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER fund_born BEFORE INSERT ON fund FOR EACH ROW
  WHEN (NEW.seq <> 0 OR NEW.award + NEW.received + NEW.renovation_allotted + NEW.other_allotted + NEW.paid + NEW.recovered + NEW.returned + NEW.interest + NEW.remitted <> 0)
  EXECUTE FUNCTION ledger_deny();

CREATE FUNCTION ledger_bucket_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (NEW.line_id = OLD.line_id AND NEW.k = OLD.k AND NEW.seq = OLD.seq + 1)
    OR NOT EXISTS (SELECT 1 FROM fund_entry e WHERE e.line_id = NEW.line_id AND e.k = NEW.k AND e.bseq = NEW.seq
      AND NEW.allotted - OLD.allotted = CASE e.kind WHEN 'allot' THEN e.amount WHEN 'unallot' THEN -e.amount ELSE 0 END
      AND NEW.available - OLD.available = CASE WHEN e.kind IN ('allot', 'recall', 'carry') THEN e.amount
        WHEN e.kind IN ('unallot', 'issue', 'close') THEN -e.amount ELSE 0 END
      AND NEW.committed - OLD.committed = CASE WHEN e.kind = 'issue' THEN e.amount
        WHEN e.kind IN ('recall', 'lapse') THEN -e.amount ELSE 0 END
      AND NEW.lapsed - OLD.lapsed = CASE WHEN e.kind IN ('lapse', 'close') THEN e.amount WHEN e.kind = 'carry' THEN -e.amount ELSE 0 END) THEN
    RAISE EXCEPTION 'bucket change without its entry' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
