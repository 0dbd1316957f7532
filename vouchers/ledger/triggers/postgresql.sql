-- What PostgreSQL itself refuses. The tables' CHECKs say which rows are possible; these triggers say who may change
-- them: an entry moves the balances of a commitment, a fund entry those of a fund and a bucket, and nothing else does.
-- Each statement begins with CREATE at the start of a line; a migration executes a frozen copy of this file.

CREATE FUNCTION ledger_deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_OP || ' on ' || TG_TABLE_NAME || ' denied', ERRCODE = '42501';
END $$;

-- T1. An entry carries itself out: commitment, hold, redemption.

CREATE FUNCTION ledger_entry_apply() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  c record;
BEGIN
  IF NEW.xid IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
    RAISE EXCEPTION 'foreign transaction number' USING ERRCODE = '23514';
  END IF;
  UPDATE commitment SET
      available = available + NEW.amount * ((NEW.dst = 'available')::int - (NEW.src = 'available')::int),
      reserved = reserved + NEW.amount * ((NEW.dst = 'reserved')::int - (NEW.src = 'reserved')::int),
      payable = payable + NEW.amount * ((NEW.dst = 'payable')::int - (NEW.src = 'payable')::int),
      paid = paid + NEW.amount * ((NEW.dst = 'paid')::int - (NEW.src = 'paid')::int),
      recalled = recalled + NEW.amount * ((NEW.dst = 'recalled')::int - (NEW.src = 'recalled')::int),
      clawed = clawed + NEW.amount * ((NEW.dst = 'clawed')::int - (NEW.src = 'clawed')::int),
      seq = NEW.seq, chain = NEW.hash
    WHERE id = NEW.commitment_id AND seq = NEW.seq - 1 AND chain = NEW.prev_hash AND pilot_id = NEW.pilot_id
    RETURNING kind, last_day, frozen INTO c;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'stale' USING ERRCODE = '40001';
  END IF;
  IF NEW.kind = 'reserve' THEN
    UPDATE hold SET state = 'pending', last_entry = NEW.id
      WHERE id = NEW.hold_id AND commitment_id = NEW.commitment_id AND provider_id = NEW.provider_id
        AND amount = NEW.amount AND state = 'new' AND c.kind = 'voucher' AND NOT c.frozen
        -- after the last day only a transfer: the entry before is the release of the hold that this one replaces
        AND CASE WHEN replaces IS NULL THEN c.last_day >= NEW.day ELSE EXISTS (
          SELECT 1 FROM entry e WHERE e.commitment_id = NEW.commitment_id AND e.seq = NEW.seq - 1
            AND e.kind = 'release' AND e.hold_id = hold.replaces AND e.amount = NEW.amount AND e.at = NEW.at) END;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no such new hold' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind = 'redeem' AND NEW.hold_id IS NOT NULL THEN
    UPDATE hold SET posted = posted + NEW.amount, last_entry = NEW.id,
        state = CASE WHEN posted + released + NEW.amount = amount THEN 'closed' ELSE 'pending' END
      WHERE id = NEW.hold_id AND commitment_id = NEW.commitment_id AND provider_id = NEW.provider_id
        AND state = 'pending' AND last_day >= NEW.day AND NOT c.frozen;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'hold not open for this' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.hold_id IS NOT NULL THEN
    UPDATE hold SET released = released + NEW.amount, last_entry = NEW.id,
        state = CASE WHEN posted + released + NEW.amount = amount THEN 'closed' ELSE 'pending' END
      WHERE id = NEW.hold_id AND commitment_id = NEW.commitment_id AND state = 'pending'
        AND (NEW.kind = 'release' OR c.last_day < NEW.day);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'hold not open for this' USING ERRCODE = '23514';
    END IF;
  ELSIF NEW.kind = 'redeem' AND (c.kind <> 'contract' OR c.frozen) THEN
    RAISE EXCEPTION 'a voucher is redeemed through a hold' USING ERRCODE = '23514';
  ELSIF NEW.kind = 'redeem' AND NOT EXISTS (
      SELECT 1 FROM direct_contract d WHERE d.commitment_id = NEW.commitment_id AND d.provider_id = NEW.provider_id) THEN
    RAISE EXCEPTION 'not the provider of the contract' USING ERRCODE = '23514';
  ELSIF NEW.kind = 'expire' AND c.last_day >= NEW.day THEN
    RAISE EXCEPTION 'not yet expired' USING ERRCODE = '23514';
  END IF;
  IF NEW.kind = 'redeem' THEN
    INSERT INTO redemption (entry_id, commitment_id, hold_id, provider_id, amount, last_entry)
      VALUES (NEW.id, NEW.commitment_id, NEW.hold_id, NEW.provider_id, NEW.amount, NEW.id);
  ELSIF NEW.redemption_id IS NOT NULL THEN
    IF NEW.kind IN ('refund', 'cut') AND EXISTS (
        SELECT 1 FROM claim_item ci JOIN batch_item b ON b.claim_id = ci.claim_id
        WHERE ci.redemption_id = NEW.redemption_id AND ci.live AND b.state <> 'failed') THEN
      RAISE EXCEPTION 'part is in a batch' USING ERRCODE = '23514';
    END IF;
    IF NEW.kind IN ('refund', 'cut') AND (NEW.dst = 'recalled') <> (c.last_day < NEW.day) THEN
      RAISE EXCEPTION 'wrong side of the last day' USING ERRCODE = '23514';
    END IF;
    IF NEW.kind = 'settle' AND NOT EXISTS (
        SELECT 1 FROM payout_attempt p JOIN batch_item b ON b.id = p.batch_item_id
          JOIN claim_item ci ON ci.claim_id = b.claim_id AND ci.redemption_id = NEW.redemption_id
        WHERE p.id = NEW.attempt_id AND p.state = 'confirmed' AND ci.live AND ci.approved = NEW.amount) THEN
      RAISE EXCEPTION 'settled without its payment' USING ERRCODE = '23514';
    END IF;
    UPDATE redemption SET last_entry = NEW.id,
        refunded = refunded + CASE WHEN NEW.kind IN ('refund', 'cut') THEN NEW.amount ELSE 0 END,
        settled = settled + CASE WHEN NEW.kind = 'settle' THEN NEW.amount ELSE 0 END,
        clawed = clawed + CASE WHEN NEW.kind = 'clawback' THEN NEW.amount ELSE 0 END
      WHERE entry_id = NEW.redemption_id AND commitment_id = NEW.commitment_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no such redemption' USING ERRCODE = '23514';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_apply AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_apply();

-- T1 of the funds: fund, bucket, and what an issue may use.

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
CREATE TRIGGER fund_apply AFTER INSERT ON fund_entry FOR EACH ROW EXECUTE FUNCTION ledger_fund_apply();

-- A commitment is counted against what its batch was given, and belongs to the pilot and period of its line.
CREATE FUNCTION ledger_count_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM born n JOIN budget_line l ON l.id = n.line_id
      WHERE n.pilot_id <> l.pilot_id OR n.last_day > l.closes_on) THEN
    RAISE EXCEPTION 'outside the line' USING ERRCODE = '23514';
  END IF;
  UPDATE issue_batch b SET issued = b.issued + x.face
    FROM (SELECT issue_batch_id, sum(face) AS face FROM born GROUP BY 1) x WHERE b.id = x.issue_batch_id;
  RETURN NULL;
END $$;
CREATE TRIGGER count_issue AFTER INSERT ON commitment REFERENCING NEW TABLE AS born
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_count_issue();

-- T2. Only T1 may change what is counted: never a statement of its own (depth 0), and never without its entry.

CREATE FUNCTION ledger_commitment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (NEW.id = OLD.id AND NEW.kind = OLD.kind AND NEW.line_id = OLD.line_id AND NEW.issue_batch_id = OLD.issue_batch_id
      AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city AND NEW.currency = OLD.currency AND NEW.face = OLD.face
      AND NEW.last_day = OLD.last_day AND NEW.seq = OLD.seq + 1)
    OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.commitment_id = NEW.id AND e.seq = NEW.seq AND e.hash = NEW.chain
      AND NEW.available - OLD.available = e.amount * ((e.dst = 'available')::int - (e.src = 'available')::int)
      AND NEW.reserved - OLD.reserved = e.amount * ((e.dst = 'reserved')::int - (e.src = 'reserved')::int)
      AND NEW.payable - OLD.payable = e.amount * ((e.dst = 'payable')::int - (e.src = 'payable')::int)
      AND NEW.paid - OLD.paid = e.amount * ((e.dst = 'paid')::int - (e.src = 'paid')::int)
      AND NEW.recalled - OLD.recalled = e.amount * ((e.dst = 'recalled')::int - (e.src = 'recalled')::int)
      AND NEW.clawed - OLD.clawed = e.amount * ((e.dst = 'clawed')::int - (e.src = 'clawed')::int)) THEN
    RAISE EXCEPTION 'commitment change without its entry' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER commitment_guard BEFORE UPDATE OF id, kind, line_id, issue_batch_id, pilot_id, city, currency, face, available, reserved, payable, paid, recalled, clawed, seq, chain, last_day ON commitment
  FOR EACH ROW EXECUTE FUNCTION ledger_commitment_guard();
CREATE TRIGGER commitment_depth BEFORE UPDATE OF id, kind, line_id, issue_batch_id, pilot_id, city, currency, face, available, reserved, payable, paid, recalled, clawed, seq, chain, last_day ON commitment
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER commitment_born BEFORE INSERT ON commitment FOR EACH ROW WHEN (NEW.seq <> 0) EXECUTE FUNCTION ledger_deny();

CREATE FUNCTION ledger_hold_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (NEW.id = OLD.id AND NEW.commitment_id = OLD.commitment_id AND NEW.order_id = OLD.order_id
      AND NEW.provider_id = OLD.provider_id AND NEW.amount = OLD.amount AND NEW.last_day = OLD.last_day
      AND NEW.replaces IS NOT DISTINCT FROM OLD.replaces AND NEW.last_entry > OLD.last_entry)
    OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = NEW.last_entry AND e.hold_id = NEW.id
      AND NEW.posted - OLD.posted = CASE WHEN e.kind = 'redeem' THEN e.amount ELSE 0 END
      AND NEW.released - OLD.released = CASE WHEN e.kind IN ('release', 'lapse') THEN e.amount ELSE 0 END
      AND (OLD.state = 'new') = (e.kind = 'reserve') AND NEW.state <> 'new') THEN
    RAISE EXCEPTION 'hold change without its entry' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_guard BEFORE UPDATE ON hold FOR EACH ROW EXECUTE FUNCTION ledger_hold_guard();
CREATE TRIGGER hold_depth BEFORE UPDATE ON hold FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_deny();

CREATE FUNCTION ledger_hold_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.posted <> 0 OR NEW.released <> 0 OR NEW.state <> 'new' OR NEW.last_entry <> 0
    OR NEW.last_day > (SELECT l.closes_on FROM commitment c JOIN budget_line l ON l.id = c.line_id WHERE c.id = NEW.commitment_id)
    OR NEW.replaces IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM hold h WHERE h.id = NEW.replaces AND h.commitment_id = NEW.commitment_id) THEN
    RAISE EXCEPTION 'hold born wrong' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_born BEFORE INSERT ON hold FOR EACH ROW EXECUTE FUNCTION ledger_hold_born();

CREATE FUNCTION ledger_redemption_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.refunded + NEW.settled + NEW.clawed <> 0 OR NEW.last_entry <> NEW.entry_id OR NOT EXISTS (
        SELECT 1 FROM entry e WHERE e.id = NEW.entry_id AND e.kind = 'redeem' AND e.commitment_id = NEW.commitment_id
          AND e.amount = NEW.amount AND e.provider_id = NEW.provider_id AND e.hold_id IS NOT DISTINCT FROM NEW.hold_id) THEN
      RAISE EXCEPTION 'redemption without its entry' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT (NEW.entry_id = OLD.entry_id AND NEW.commitment_id = OLD.commitment_id AND NEW.amount = OLD.amount
      AND NEW.provider_id = OLD.provider_id AND NEW.hold_id IS NOT DISTINCT FROM OLD.hold_id
      AND NEW.last_entry > OLD.last_entry)
    OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = NEW.last_entry AND e.redemption_id = NEW.entry_id
      AND NEW.refunded - OLD.refunded = CASE WHEN e.kind IN ('refund', 'cut') THEN e.amount ELSE 0 END
      AND NEW.settled - OLD.settled = CASE WHEN e.kind = 'settle' THEN e.amount ELSE 0 END
      AND NEW.clawed - OLD.clawed = CASE WHEN e.kind = 'clawback' THEN e.amount ELSE 0 END) THEN
    RAISE EXCEPTION 'redemption change without its entry' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER redemption_guard BEFORE INSERT OR UPDATE ON redemption FOR EACH ROW EXECUTE FUNCTION ledger_redemption_guard();
CREATE TRIGGER redemption_depth BEFORE INSERT OR UPDATE ON redemption
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_deny();

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
CREATE TRIGGER fund_guard BEFORE UPDATE ON fund FOR EACH ROW EXECUTE FUNCTION ledger_fund_guard();
CREATE TRIGGER fund_depth BEFORE UPDATE ON fund FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_deny();
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
CREATE TRIGGER bucket_guard BEFORE UPDATE ON line_bucket FOR EACH ROW EXECUTE FUNCTION ledger_bucket_guard();
CREATE TRIGGER bucket_depth BEFORE UPDATE ON line_bucket FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER bucket_born BEFORE INSERT ON line_bucket FOR EACH ROW WHEN (NEW.seq <> 0 OR NEW.allotted <> 0) EXECUTE FUNCTION ledger_deny();

CREATE FUNCTION ledger_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (NEW.id = OLD.id AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
      AND NEW.category = OLD.category AND NEW.share = OLD.share AND NEW.currency = OLD.currency
      AND NEW.closes_on >= OLD.closes_on) THEN
    RAISE EXCEPTION 'a line keeps its nature' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER line_guard BEFORE UPDATE ON budget_line FOR EACH ROW EXECUTE FUNCTION ledger_line_guard();

CREATE FUNCTION ledger_line_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM fund WHERE id = NEW.fund_id AND pilot_id = NEW.pilot_id) THEN
    RAISE EXCEPTION 'fund of another pilot' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER line_born BEFORE INSERT ON budget_line FOR EACH ROW EXECUTE FUNCTION ledger_line_born();

CREATE TRIGGER issue_batch_depth BEFORE UPDATE ON issue_batch FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER issue_batch_born BEFORE INSERT ON issue_batch FOR EACH ROW WHEN (NEW.funded <> 0 OR NEW.issued <> 0) EXECUTE FUNCTION ledger_deny();

-- Claims: made of parts of their own commitment, for the payee that their mode names.

CREATE FUNCTION ledger_claim_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'submitted'
      OR NOT EXISTS (SELECT 1 FROM commitment c WHERE c.id = NEW.commitment_id AND c.pilot_id = NEW.pilot_id) THEN
      RAISE EXCEPTION 'claim born wrong' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT (NEW.id = OLD.id AND NEW.commitment_id = OLD.commitment_id AND NEW.kind = OLD.kind AND NEW.line_id = OLD.line_id
      AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
      AND NEW.payee_organisation_id = OLD.payee_organisation_id AND NEW.mode = OLD.mode) THEN
    RAISE EXCEPTION 'a claim keeps its nature' USING ERRCODE = '23514';
  END IF;
  IF NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
      'submitted>reviewed', 'submitted>returned', 'submitted>rejected', 'reviewed>approved', 'reviewed>returned',
      'reviewed>rejected', 'approved>paid', 'approved>rejected', 'returned>submitted',
      'returned>rejected') THEN
    RAISE EXCEPTION 'claim step' USING ERRCODE = '23514';
  END IF;
  IF NEW.state <> OLD.state AND NEW.state <> 'paid' AND EXISTS (
      SELECT 1 FROM batch_item WHERE claim_id = NEW.id AND state <> 'failed') THEN
    RAISE EXCEPTION 'claim is in a batch' USING ERRCODE = '23514';
  END IF;
  IF NEW.state = 'paid' AND OLD.state <> 'paid' AND NOT EXISTS (
      SELECT 1 FROM batch_item WHERE claim_id = NEW.id AND state = 'paid') THEN
    RAISE EXCEPTION 'claim is not paid' USING ERRCODE = '23514';
  END IF;
  IF NEW.state = 'approved' AND OLD.state <> 'approved' AND EXISTS (
      SELECT 1 FROM claim_item WHERE claim_id = NEW.id AND live AND approved IS NULL) THEN
    RAISE EXCEPTION 'part without a decision' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER claim_guard BEFORE INSERT OR UPDATE ON claim FOR EACH ROW EXECUTE FUNCTION ledger_claim_guard();

CREATE FUNCTION ledger_claim_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM claim WHERE id = NEW.claim_id FOR UPDATE;
  IF TG_OP = 'INSERT' THEN
    IF NOT NEW.live OR NOT EXISTS (
        SELECT 1 FROM claim k JOIN redemption r ON r.entry_id = NEW.redemption_id LEFT JOIN voucher v ON v.commitment_id = k.commitment_id
        WHERE k.id = NEW.claim_id AND k.state = 'submitted' AND NEW.asked <= r.amount - r.refunded - r.settled
          AND k.payee_organisation_id = CASE k.mode WHEN 'reimbursed' THEN v.enterprise_id ELSE r.provider_id END) THEN
      RAISE EXCEPTION 'part not open to this claim' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT (NEW.claim_id = OLD.claim_id AND NEW.redemption_id = OLD.redemption_id AND NEW.commitment_id = OLD.commitment_id
      AND NEW.asked = OLD.asked AND (OLD.live OR NOT NEW.live)) THEN
    RAISE EXCEPTION 'a part keeps its nature' USING ERRCODE = '23514';
  END IF;
  IF EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim_id AND state IN ('approved', 'paid'))
    OR EXISTS (SELECT 1 FROM batch_item WHERE claim_id = NEW.claim_id AND state <> 'failed') THEN
    RAISE EXCEPTION 'claim is decided' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER claim_item_guard BEFORE INSERT OR UPDATE ON claim_item FOR EACH ROW EXECUTE FUNCTION ledger_claim_item_guard();

-- Batches: what is approved is the sum of its items, and nothing is added or taken away afterwards.

CREATE FUNCTION ledger_payment_batch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' OR NEW.checker_id IS NOT NULL
      OR NOT EXISTS (SELECT 1 FROM fund f WHERE f.id = NEW.fund_id AND f.pilot_id = NEW.pilot_id) THEN
      RAISE EXCEPTION 'batch born wrong' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT (NEW.id = OLD.id AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
      AND NEW.number = OLD.number AND NEW.maker_id = OLD.maker_id)
    OR OLD.state <> 'draft' AND NOT (NEW.total = OLD.total AND NEW.checker_id IS NOT DISTINCT FROM OLD.checker_id
      AND NEW.approved_on IS NOT DISTINCT FROM OLD.approved_on) THEN
    RAISE EXCEPTION 'a batch keeps its nature' USING ERRCODE = '23514';
  END IF;
  IF NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
      'draft>approved', 'draft>cancelled', 'approved>sent', 'approved>done', 'sent>done') THEN
    RAISE EXCEPTION 'batch step' USING ERRCODE = '23514';
  END IF;
  IF OLD.state = 'draft' AND NEW.state = 'approved' AND NEW.total <> (
      SELECT coalesce(sum(amount), 0) FROM batch_item WHERE batch_id = NEW.id AND state <> 'failed') THEN
    RAISE EXCEPTION 'total is not the sum of its items' USING ERRCODE = '23514';
  END IF;
  IF NEW.state <> OLD.state AND NEW.state IN ('done', 'cancelled') AND EXISTS (
      SELECT 1 FROM batch_item WHERE batch_id = NEW.id AND state = 'open') THEN
    RAISE EXCEPTION 'items still open' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_batch_guard BEFORE INSERT OR UPDATE ON payment_batch FOR EACH ROW EXECUTE FUNCTION ledger_payment_batch_guard();

CREATE FUNCTION ledger_item_fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- under the commitment's lock, so that no refund slips in between; then under the batch's, so that no approval does
    PERFORM 1 FROM commitment c JOIN claim k ON k.commitment_id = c.id WHERE k.id = NEW.claim_id FOR UPDATE OF c;
    PERFORM 1 FROM claim WHERE id = NEW.claim_id FOR UPDATE;
    PERFORM 1 FROM payment_batch WHERE id = NEW.batch_id FOR UPDATE;
    IF NEW.state <> 'open' OR NOT EXISTS (
        SELECT 1 FROM claim k, payment_batch b
        WHERE k.id = NEW.claim_id AND k.state = 'approved' AND b.id = NEW.batch_id AND b.state = 'draft') THEN
      RAISE EXCEPTION 'claim or batch not open for this' USING ERRCODE = '23514';
    END IF;
    IF NEW.amount <> (SELECT coalesce(sum(approved), 0) FROM claim_item WHERE claim_id = NEW.claim_id AND live)
      OR EXISTS (SELECT 1 FROM claim_item ci JOIN redemption r ON r.entry_id = ci.redemption_id
        WHERE ci.claim_id = NEW.claim_id AND ci.live AND ci.approved > r.amount - r.refunded - r.settled) THEN
      RAISE EXCEPTION 'not what is payable' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT (NEW.id = OLD.id AND NEW.claim_id = OLD.claim_id AND NEW.batch_id = OLD.batch_id AND NEW.fund_id = OLD.fund_id
      AND NEW.amount = OLD.amount AND NEW.account_id = OLD.account_id AND NEW.account = OLD.account)
    OR NEW.state <> OLD.state AND OLD.state <> 'open' THEN
    RAISE EXCEPTION 'an item keeps its nature' USING ERRCODE = '23514';
  END IF;
  IF NEW.state = 'failed' AND EXISTS (SELECT 1 FROM payout_attempt WHERE batch_item_id = NEW.id AND state <> 'failed') THEN
    RAISE EXCEPTION 'attempt still open' USING ERRCODE = '23514';
  END IF;
  IF NEW.state = 'paid' AND NOT EXISTS (SELECT 1 FROM payout_attempt WHERE batch_item_id = NEW.id AND state = 'confirmed') THEN
    RAISE EXCEPTION 'item is not paid' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER item_fail BEFORE INSERT OR UPDATE ON batch_item FOR EACH ROW EXECUTE FUNCTION ledger_item_fail();

CREATE FUNCTION ledger_attempt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- the item is locked, so that it cannot fail while an attempt at it is being made
    PERFORM 1 FROM batch_item WHERE id = NEW.batch_item_id FOR UPDATE;
    IF NEW.state <> 'prepared' OR NOT EXISTS (
        SELECT 1 FROM batch_item i JOIN payment_batch b ON b.id = i.batch_id
        WHERE i.id = NEW.batch_item_id AND i.state = 'open' AND b.state IN ('approved', 'sent')) THEN
      RAISE EXCEPTION 'item not open for payment' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.id <> OLD.id OR NEW.batch_item_id <> OLD.batch_item_id OR NEW.attempt_no <> OLD.attempt_no
    OR NEW.end_to_end_id <> OLD.end_to_end_id
    OR OLD.state || '>' || NEW.state NOT IN ('prepared>sent', 'prepared>failed', 'sent>confirmed', 'sent>failed',
      'sent>unknown', 'unknown>confirmed', 'unknown>failed') THEN
    RAISE EXCEPTION 'attempt step' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER attempt_guard BEFORE INSERT OR UPDATE ON payout_attempt FOR EACH ROW EXECUTE FUNCTION ledger_attempt_guard();

-- T3. Nothing is deleted, and what was written down is never changed.

CREATE TRIGGER fund_nodel BEFORE DELETE ON fund FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER fund_notrunc BEFORE TRUNCATE ON fund FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER budget_line_nodel BEFORE DELETE ON budget_line FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER budget_line_notrunc BEFORE TRUNCATE ON budget_line FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER line_bucket_nodel BEFORE DELETE ON line_bucket FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER line_bucket_notrunc BEFORE TRUNCATE ON line_bucket FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER issue_batch_nodel BEFORE DELETE ON issue_batch FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER issue_batch_notrunc BEFORE TRUNCATE ON issue_batch FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER commitment_nodel BEFORE DELETE ON commitment FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER commitment_notrunc BEFORE TRUNCATE ON commitment FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER voucher_nodel BEFORE DELETE ON voucher FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER voucher_notrunc BEFORE TRUNCATE ON voucher FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER direct_contract_nodel BEFORE DELETE ON direct_contract FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER direct_contract_notrunc BEFORE TRUNCATE ON direct_contract FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER hold_nodel BEFORE DELETE ON hold FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER hold_notrunc BEFORE TRUNCATE ON hold FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER redemption_nodel BEFORE DELETE ON redemption FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER redemption_notrunc BEFORE TRUNCATE ON redemption FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER claim_nodel BEFORE DELETE ON claim FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER claim_notrunc BEFORE TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER claim_item_nodel BEFORE DELETE ON claim_item FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER claim_item_notrunc BEFORE TRUNCATE ON claim_item FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER payment_batch_nodel BEFORE DELETE ON payment_batch FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER payment_batch_notrunc BEFORE TRUNCATE ON payment_batch FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER batch_item_nodel BEFORE DELETE ON batch_item FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER batch_item_notrunc BEFORE TRUNCATE ON batch_item FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER payout_attempt_nodel BEFORE DELETE ON payout_attempt FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER payout_attempt_notrunc BEFORE TRUNCATE ON payout_attempt FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER entry_nodel BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER entry_notrunc BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER fund_entry_nodel BEFORE DELETE ON fund_entry FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER fund_entry_notrunc BEFORE TRUNCATE ON fund_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();

CREATE TRIGGER entry_noupd BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER fund_entry_noupd BEFORE UPDATE ON fund_entry FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER voucher_noupd BEFORE UPDATE ON voucher FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER direct_contract_noupd BEFORE UPDATE ON direct_contract FOR EACH ROW EXECUTE FUNCTION ledger_deny();
