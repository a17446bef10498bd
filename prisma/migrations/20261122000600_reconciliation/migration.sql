-- What operators steer and watch the market with: kill switches, reconciliation, providers' invoices, and the outbox.

-- Kill switches. `argument` is what a switch is about (a provider, an endpoint, an organization), '' for the whole market.
CREATE TABLE "market_switch" (
    "name" TEXT NOT NULL,
    "argument" TEXT NOT NULL DEFAULT '',
    "is_on" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "market_switch_pkey" PRIMARY KEY ("name","argument")
);
ALTER TABLE market_switch ADD CONSTRAINT market_switch_name CHECK (
  CASE WHEN name IN ('stop_reserves', 'force_direct') THEN argument = ''
       ELSE name IN ('freeze_organization', 'stop_provider', 'stop_endpoint') AND argument <> '' END);

CREATE TABLE "market_switch_log" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "argument" TEXT NOT NULL,
    "is_on" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "market_switch_log_pkey" PRIMARY KEY ("id")
);

-- By triggers, so that a switch that somebody turns by hand in SQL is told to the gateways and written down as well. A freeze is of the
-- ledger account, where a reserve looks at it under its lock.
CREATE FUNCTION bourse_switch_turned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO market_switch_log (name, argument, is_on, reason, actor, changed_at)
    VALUES (NEW.name, NEW.argument, NEW.is_on, NEW.reason, NEW.actor, NEW.changed_at);
  IF NEW.name = 'freeze_organization' THEN
    UPDATE ledger_account SET is_frozen = NEW.is_on WHERE organization_id = NEW.argument AND is_frozen <> NEW.is_on;
  END IF;
  PERFORM pg_notify('bourse_invalidate', 'switch:' || NEW.name);
  RETURN NULL;
END $$;
CREATE TRIGGER market_switch_turned AFTER INSERT OR UPDATE ON market_switch
  FOR EACH ROW EXECUTE FUNCTION bourse_switch_turned();
CREATE TRIGGER market_switch_stays BEFORE DELETE OR TRUNCATE ON market_switch
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();
CREATE TRIGGER market_switch_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market_switch_log
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();

-- Reconciliation: a row per run, and per run a row for each promise that was looked at, kept or not.
CREATE TABLE "reconciliation_run" (
    "id" BIGSERIAL NOT NULL,
    "form" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "finished_at" TIMESTAMPTZ(6),
    "differences" INTEGER,

    CONSTRAINT "reconciliation_run_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "reconciliation_run_form_started_at_idx" ON "reconciliation_run"("form", "started_at" DESC);
ALTER TABLE reconciliation_run ADD CONSTRAINT reconciliation_run_form CHECK (form IN ('full', 'light'));

CREATE TABLE "reconciliation_finding" (
    "run_id" BIGINT NOT NULL,
    "line" SMALLINT NOT NULL,
    "rule" TEXT NOT NULL,
    "promise" TEXT NOT NULL,
    "is_configured" BOOLEAN NOT NULL,
    "differences" INTEGER NOT NULL,
    "examples" TEXT[],

    CONSTRAINT "reconciliation_finding_pkey" PRIMARY KEY ("run_id","line")
);
ALTER TABLE "reconciliation_finding" ADD CONSTRAINT "reconciliation_finding_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "reconciliation_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What a provider says that it is owed for a UTC day. `model_slug` '*' is a day as a whole, for invoices without models.
CREATE TABLE "provider_invoice" (
    "provider_slug" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "model_slug" TEXT NOT NULL,
    "cost_nanodollars" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "imported_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "provider_invoice_pkey" PRIMARY KEY ("provider_slug","day","model_slug")
);
ALTER TABLE provider_invoice ADD CONSTRAINT provider_invoice_cost CHECK (cost_nanodollars >= 0);

-- The outbox: what must happen outside the database because of something in it. Written in the transaction of its cause, carried out at
-- least once by a worker. `key` says what it is: the same thing is never queued twice.
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "due_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "claimed_at" TIMESTAMPTZ(6),
    "done_at" TIMESTAMPTZ(6),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "outbox_key_key" ON "outbox"("key");
CREATE INDEX outbox_open ON outbox (due_at) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;

-- Which organizations have been told that their credits run low. A row is made when a balance is first seen at or above its threshold, so
-- nobody is told of a crossing that was none.
CREATE TABLE "low_balance" (
    "organization_id" TEXT NOT NULL,
    "threshold_nanodollars" BIGINT,
    "is_armed" BOOLEAN NOT NULL DEFAULT false,
    "crossings" INTEGER NOT NULL DEFAULT 0,
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "low_balance_pkey" PRIMARY KEY ("organization_id")
);
ALTER TABLE "low_balance" ADD CONSTRAINT "low_balance_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE low_balance ADD CONSTRAINT low_balance_threshold CHECK (threshold_nanodollars >= 0);
