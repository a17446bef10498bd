-- Limits: what differs from the gateways' defaults, per organization and per key; and rates of what people do a few times an hour.

ALTER TABLE "api_key"
  ADD COLUMN "requests_per_minute" INTEGER,
  ADD CONSTRAINT "api_key_requests_not_negative" CHECK ("requests_per_minute" >= 0);

DROP TRIGGER api_key_notice ON api_key;
CREATE TRIGGER api_key_notice AFTER UPDATE OF organization_id, kind, name, limit_nanodollars, limit_reset, include_byok_in_limit,
  disabled_at, expires_at, deleted_at, requests_per_minute ON api_key
  FOR EACH ROW EXECUTE FUNCTION bourse_notify('api_key', 'hash');

CREATE TABLE "organization_limit" (
  "organization_id" TEXT NOT NULL,
  "requests_per_minute" INTEGER,
  "tokens_per_minute" INTEGER,
  "streams" INTEGER,
  "free_requests_per_minute" INTEGER,
  "free_requests_per_day" INTEGER,
  "actor" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "organization_limit_pkey" PRIMARY KEY ("organization_id"),
  CONSTRAINT "organization_limit_not_negative" CHECK (least("requests_per_minute", "tokens_per_minute", "streams",
    "free_requests_per_minute", "free_requests_per_day") >= 0)
);
ALTER TABLE "organization_limit" ADD CONSTRAINT "organization_limit_organization_id_fkey"
  FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE TRIGGER organization_limit_notice AFTER INSERT OR UPDATE ON organization_limit
  FOR EACH ROW EXECUTE FUNCTION bourse_notify('organization', 'organization_id');

-- What an organization asked of free models today is counted whenever a gateway reads one of its keys.
CREATE INDEX generation_free ON generation (organization_id, created_at) WHERE model_slug LIKE '%:free';

-- One moment for each name: when all that was taken will have been earned (packages/access/src/rate-rule.ts, by this clock).
CREATE TABLE "action_rate" (
  "name" TEXT NOT NULL,
  "tat" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "action_rate_pkey" PRIMARY KEY ("name")
);
CREATE INDEX "action_rate_tat_idx" ON "action_rate"("tat");

-- Takes one unit, or says how long to wait for it: microseconds, 0 = taken. Nothing is written when it says no, but that a clock which went
-- back does not lock anybody out.
CREATE FUNCTION bourse_take_rate(p_name text, p_interval_us bigint, p_burst integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_interval interval := p_interval_us * interval '1 microsecond';
  v_tolerance interval := p_interval_us * p_burst * interval '1 microsecond';
  v_now timestamptz;
  v_tat timestamptz;
  v_next timestamptz;
BEGIN
  INSERT INTO action_rate (name, tat) VALUES (p_name, '-infinity') ON CONFLICT DO NOTHING;
  SELECT tat INTO v_tat FROM action_rate WHERE name = p_name FOR UPDATE;
  -- Read after the lock: those who waited for it come later than who held it.
  v_now := clock_timestamp();
  v_tat := least(greatest(v_tat, v_now), v_now + v_tolerance);
  v_next := v_tat + v_interval;
  IF v_next > v_now + v_tolerance THEN
    UPDATE action_rate SET tat = v_tat WHERE name = p_name;
    RETURN ceil(extract(epoch FROM v_next - v_now - v_tolerance) * 1000000)::bigint;
  END IF;
  UPDATE action_rate SET tat = v_next WHERE name = p_name;
  RETURN 0;
END $$;
