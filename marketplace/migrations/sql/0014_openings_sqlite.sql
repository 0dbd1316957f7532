-- Openings: what is released is what was prepared, carried by entries of two persons; rows are read once and stay.

CREATE TRIGGER opening_born BEFORE INSERT ON opening BEGIN
  SELECT RAISE(ABORT, 'opening born wrong')
    WHERE NEW.state <> 'draft' OR NEW.checker_id IS NOT NULL OR NEW.batch_id IS NOT NULL
      OR NOT EXISTS (SELECT 1 FROM fund f WHERE f.id = NEW.fund_id AND f.pilot_id = NEW.pilot_id);
END;
CREATE TRIGGER opening_guard BEFORE UPDATE ON opening BEGIN
  SELECT RAISE(ABORT, 'an opening keeps its nature')
    WHERE OLD.state IN ('released', 'withdrawn')
      OR NOT (NEW.id = OLD.id AND NEW.fund_id = OLD.fund_id AND NEW.pilot_id = OLD.pilot_id AND NEW.city = OLD.city
        AND NEW.number = OLD.number AND NEW.document_id = OLD.document_id AND NEW.file_sha256 = OLD.file_sha256
        AND NEW.rows_sha256 = OLD.rows_sha256 AND NEW.n = OLD.n AND NEW.skipped = OLD.skipped
        AND NEW.first_day = OLD.first_day AND NEW.last_day = OLD.last_day AND NEW.arranged = OLD.arranged
        AND NEW.paid = OLD.paid AND NEW.refunded = OLD.refunded AND NEW.maker_id = OLD.maker_id);
  SELECT RAISE(ABORT, 'opening step')
    WHERE NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
      'draft>submitted', 'draft>withdrawn', 'submitted>returned', 'submitted>released', 'submitted>withdrawn',
      'returned>submitted', 'returned>withdrawn');
  SELECT RAISE(ABORT, 'released without its entries')
    WHERE NEW.state = 'released' AND (
      NEW.arranged <> (SELECT coalesce(sum(arranged), 0) FROM opening_balance WHERE opening_id = NEW.id)
      OR NEW.paid <> (SELECT coalesce(sum(paid), 0) FROM opening_balance WHERE opening_id = NEW.id)
      OR NEW.refunded <> (SELECT coalesce(sum(refunded), 0) FROM opening_balance WHERE opening_id = NEW.id)
      OR NEW.n <> (SELECT count(*) FROM opening_row WHERE opening_id = NEW.id)
      OR (NEW.batch_id IS NULL) <> (NEW.paid = 0)
      OR NEW.paid > 0 AND NOT EXISTS (
        SELECT 1 FROM payment_batch b WHERE b.id = NEW.batch_id AND b.fund_id = NEW.fund_id AND b.state = 'done'
          AND b.total = NEW.paid AND b.maker_id = NEW.maker_id AND b.checker_id = NEW.checker_id));
END;
CREATE TRIGGER opening_row_born BEFORE INSERT ON opening_row BEGIN
  SELECT RAISE(ABORT, 'opening is not in preparation')
    WHERE NOT EXISTS (SELECT 1 FROM opening WHERE id = NEW.opening_id AND state = 'draft');
END;
CREATE TRIGGER opening_balance_born BEFORE INSERT ON opening_balance BEGIN
  SELECT RAISE(ABORT, 'opening is not under release')
    WHERE NOT EXISTS (SELECT 1 FROM opening WHERE id = NEW.opening_id AND state = 'submitted');
  SELECT RAISE(ABORT, 'not what was posted')
    WHERE NEW.commitment_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM commitment c JOIN budget_line l ON l.id = c.line_id JOIN opening o ON o.id = NEW.opening_id
      WHERE c.id = NEW.commitment_id AND c.kind = 'contract' AND l.fund_id = o.fund_id AND l.category = NEW.category
        AND c.face = NEW.arranged AND c.paid = NEW.paid AND c.available = NEW.arranged - NEW.paid);
END;

CREATE TRIGGER opening_nodel BEFORE DELETE ON opening BEGIN SELECT RAISE(ABORT, 'opening is never deleted'); END;
CREATE TRIGGER opening_row_nodel BEFORE DELETE ON opening_row BEGIN SELECT RAISE(ABORT, 'opening_row is never deleted'); END;
CREATE TRIGGER opening_balance_nodel BEFORE DELETE ON opening_balance BEGIN SELECT RAISE(ABORT, 'opening_balance is never deleted'); END;
CREATE TRIGGER opening_row_noupd BEFORE UPDATE ON opening_row BEGIN SELECT RAISE(ABORT, 'opening_row is written once'); END;
CREATE TRIGGER opening_balance_noupd BEFORE UPDATE ON opening_balance BEGIN SELECT RAISE(ABORT, 'opening_balance is written once'); END;
CREATE TRIGGER opening_norep BEFORE INSERT ON opening WHEN 
    EXISTS (SELECT 1 FROM opening WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM opening WHERE number = NEW.number)
    OR EXISTS (SELECT 1 FROM opening WHERE pilot_id = NEW.pilot_id AND rows_sha256 = NEW.rows_sha256 AND state <> 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'opening exists already'); END;
CREATE TRIGGER opening_row_norep BEFORE INSERT ON opening_row WHEN EXISTS (SELECT 1 FROM opening_row WHERE opening_id = NEW.opening_id AND number = NEW.number) BEGIN SELECT RAISE(ABORT, 'opening_row exists already'); END;
CREATE TRIGGER opening_balance_norep BEFORE INSERT ON opening_balance WHEN 
    EXISTS (SELECT 1 FROM opening_balance WHERE opening_id = NEW.opening_id AND category = NEW.category AND contract_key = NEW.contract_key)
    OR EXISTS (SELECT 1 FROM opening_balance WHERE commitment_id = NEW.commitment_id)
BEGIN SELECT RAISE(ABORT, 'opening_balance exists already'); END;
