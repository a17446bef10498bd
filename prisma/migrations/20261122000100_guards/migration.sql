-- What Prisma's schema cannot say: values that a column may have, books that only grow, and notices to those who cache.

-- Words.
ALTER TABLE "user" ADD CONSTRAINT user_email_is_lower_case CHECK (email = lower(email));
ALTER TABLE membership ADD CONSTRAINT membership_role CHECK (role IN ('owner', 'admin', 'member'));
ALTER TABLE api_key ADD CONSTRAINT api_key_kind CHECK (kind IN ('inference', 'management'));
ALTER TABLE api_key ADD CONSTRAINT api_key_hash CHECK (hash ~ '^[0-9a-f]{64}$');
ALTER TABLE api_key ADD CONSTRAINT api_key_limit CHECK (limit_nanodollars >= 0);
ALTER TABLE api_key ADD CONSTRAINT api_key_limit_reset CHECK (limit_reset IN ('daily', 'weekly', 'monthly'));
ALTER TABLE topup ADD CONSTRAINT topup_state CHECK (state IN ('created', 'paid', 'granted', 'expired', 'failed'));
ALTER TABLE topup ADD CONSTRAINT topup_money
  CHECK (amount_cents > 0 AND fee_cents >= 0 AND amount_nanodollars = amount_cents::bigint * 10000000);
CREATE UNIQUE INDEX price_sheet_one_in_force ON price_sheet (endpoint_id) WHERE effective_to IS NULL;

-- The ledger. PostgreSQL parses a table's checks anew for every statement that writes to it, so the tables of the hot path have only
-- those that stop money from being made; the words in them are written by the money functions alone and verified by the ledger check.
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_held CHECK (held_nanodollars >= 0);
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_amount CHECK (amount_nanodollars <> 0);
CREATE INDEX hold_open ON hold (expires_at) WHERE state = 'held';
-- House accounts are read by the yearly million or not at all; only tenants page through their lines.
CREATE INDEX ledger_entry_tenant ON ledger_entry (account_id, transaction_id DESC) WHERE account_id LIKE 'org:%';

-- These rows change several times each: room on the page keeps the changes off the indexes.
ALTER TABLE ledger_account SET (fillfactor = 50);
ALTER TABLE key_window SET (fillfactor = 50);
ALTER TABLE hold SET (fillfactor = 80);

INSERT INTO ledger_account (id, kind) VALUES
  ('house:revenue', 'house'),         -- markup: what customers paid beyond cost
  ('house:fees', 'house'),            -- fees on purchases
  ('house:stripe_clearing', 'house'), -- money that the card processor owes us
  ('house:promo_expense', 'house'),   -- credits given away
  ('house:refunds', 'house'),         -- credits given back
  ('house:overrun_loss', 'house'),    -- charges that the credits did not cover
  ('house:insured_loss', 'house');    -- cost of what the customer does not pay for

CREATE FUNCTION bourse_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: a correction is a new transaction', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();
CREATE TRIGGER ledger_transaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();
CREATE TRIGGER price_sheet_append_only BEFORE DELETE OR TRUNCATE ON price_sheet
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();
CREATE TRIGGER price_sheet_lines_are_final BEFORE UPDATE OF id, endpoint_id, effective_from, lines ON price_sheet
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();

-- Every statement that adds entries must be balanced by itself, transaction by transaction, on known accounts, and only for
-- transactions that began with it. So a sum is never wrong, not even between two statements, and old transactions cannot grow.
CREATE FUNCTION bourse_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
BEGIN
  -- Scalar subqueries, because a join could be planned as a scan of the whole table.
  SELECT g.transaction_id || ' is unbalanced or closed' INTO wrong
    FROM (SELECT transaction_id, sum(amount_nanodollars) AS amount FROM added GROUP BY transaction_id) g
   WHERE g.amount <> 0 OR coalesce((SELECT t.created_at FROM ledger_transaction t WHERE t.id = g.transaction_id) < now(), true)
  UNION ALL
  SELECT 'names the unknown account ' || d.account_id
    FROM (SELECT DISTINCT account_id FROM added) d
   WHERE (SELECT a.id FROM ledger_account a WHERE a.id = d.account_id) IS NULL
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transaction %', wrong USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION bourse_check_entries();

-- Notices: "<topic>:<id>" on one channel.
CREATE FUNCTION bourse_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('bourse_invalidate', TG_ARGV[0] || ':' || (to_jsonb(NEW) ->> TG_ARGV[1]));
  RETURN NULL;
END $$;
CREATE TRIGGER api_key_notice_new AFTER INSERT ON api_key
  FOR EACH ROW EXECUTE FUNCTION bourse_notify('api_key', 'hash');
-- Not for last_used_at, which changes all the time.
CREATE TRIGGER api_key_notice AFTER UPDATE OF organization_id, kind, name, limit_nanodollars, limit_reset, include_byok_in_limit,
  disabled_at, expires_at, deleted_at ON api_key
  FOR EACH ROW EXECUTE FUNCTION bourse_notify('api_key', 'hash');
CREATE TRIGGER ledger_account_notice AFTER UPDATE OF is_frozen ON ledger_account
  FOR EACH ROW WHEN (OLD.is_frozen IS DISTINCT FROM NEW.is_frozen AND NEW.organization_id IS NOT NULL)
  EXECUTE FUNCTION bourse_notify('organization', 'organization_id');
CREATE TRIGGER catalog_version_notice AFTER INSERT ON catalog_version
  FOR EACH ROW EXECUTE FUNCTION bourse_notify('catalog', 'hash');
