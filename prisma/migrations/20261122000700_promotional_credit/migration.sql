-- Promotional credit beside paid credit, the state machines as guards, losses of attempts that failed, and refunds of charges.

-- An organization has two ledger accounts: `org:<id>:credits` is what it paid for, `org:<id>:promo` what it was given. One row, that of
-- `:credits`, stays what a reserve looks at and locks: `posted` is the sum of both accounts, `promo` the promotional part of it.
-- The row of `:promo` only says that the account exists. Usage takes promotional credit first.
ALTER TABLE "ledger_account" ADD COLUMN "promo_nanodollars" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_held,
  ADD CONSTRAINT ledger_account_amounts CHECK (held_nanodollars >= 0 AND promo_nanodollars >= 0);

CREATE FUNCTION bourse_open_promo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_account (id, kind) VALUES ('org:' || NEW.organization_id || ':promo', 'promo');
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_promo AFTER INSERT ON ledger_account
  FOR EACH ROW WHEN (NEW.organization_id IS NOT NULL) EXECUTE FUNCTION bourse_open_promo();

-- What was granted so far and is not used yet moves to the new account; the balances stay as they are.
INSERT INTO ledger_account (id, kind)
  SELECT 'org:' || organization_id || ':promo', 'promo' FROM ledger_account WHERE organization_id IS NOT NULL;
UPDATE ledger_account a SET promo_nanodollars = greatest(least(g.granted, a.posted_nanodollars), 0)
  FROM (SELECT e.account_id, sum(e.amount_nanodollars)::bigint AS granted
          FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id AND t.kind IN ('grant', 'usage')
         WHERE e.account_id LIKE 'org:%' GROUP BY 1) g
 WHERE a.id = g.account_id;
INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, flags, actor)
  SELECT 'promo:' || id, promo_nanodollars::text, 'grant', 'promotional credit apart', '{}', 'migration'
    FROM ledger_account WHERE promo_nanodollars > 0;
INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
  SELECT t.id, v.line, v.account_id, v.amount
    FROM ledger_account a
    JOIN ledger_transaction t ON t.idempotency_key = 'promo:' || a.id
    CROSS JOIN LATERAL (VALUES (1, a.id, -a.promo_nanodollars), (5, 'org:' || a.organization_id || ':promo', a.promo_nanodollars))
      AS v (line, account_id, amount);

-- Moves balances of tenants, each account at most once per call. Whoever takes must leave something available: >= 0 above the floor.
-- What is taken is usage, and usage takes promotional credit first.
CREATE OR REPLACE FUNCTION bourse_move_accounts(p_ids text[], p_posted bigint[], p_held bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  touched integer;
BEGIN
  UPDATE ledger_account a
     SET posted_nanodollars = a.posted_nanodollars + p_posted[array_position(p_ids, a.id)],
         held_nanodollars = a.held_nanodollars + p_held[array_position(p_ids, a.id)],
         promo_nanodollars = greatest(a.promo_nanodollars + least(p_posted[array_position(p_ids, a.id)], 0), 0)
   WHERE a.id = ANY (p_ids)
     AND (p_posted[array_position(p_ids, a.id)] >= 0 AND p_held[array_position(p_ids, a.id)] <= 0
          OR a.posted_nanodollars + p_posted[array_position(p_ids, a.id)]
             >= a.held_nanodollars + p_held[array_position(p_ids, a.id)] + a.floor_nanodollars);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched <> cardinality(p_ids) THEN
    RAISE EXCEPTION 'an account of % changed under its lock', p_ids;
  END IF;
END $$;

-- What providers bill us for attempts that failed, as lines 6 and up of the usage transactions of the generations that they were made for:
-- each a list of {"provider", "cost"}, null without any. The customer pays nothing of it.
CREATE FUNCTION bourse_book_losses(p_ids text[], p_losses jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  generations text[];
  lines integer[];
  payables text[];
  costs bigint[];
BEGIN
  SELECT array_agg(u.id), array_agg(l.line), array_agg('provider:' || (l.loss ->> 'provider') || ':payable'), array_agg((l.loss ->> 'cost')::bigint)
    INTO generations, lines, payables, costs
    FROM unnest(p_ids, p_losses) AS u (id, losses)
    CROSS JOIN LATERAL jsonb_array_elements(u.losses) WITH ORDINALITY AS l (loss, line);
  IF 0 >= ANY (costs) THEN
    RAISE EXCEPTION 'a loss of % is not one', generations;
  END IF;
  INSERT INTO ledger_account (id, kind) SELECT DISTINCT u, 'payable' FROM unnest(payables) u ORDER BY 1 ON CONFLICT (id) DO NOTHING;
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT (SELECT t.id FROM ledger_transaction t WHERE t.idempotency_key = 'gen:' || u.id), v.line, v.account_id, v.amount
      FROM unnest(generations, lines, payables, costs) AS u (id, line, payable, cost)
      CROSS JOIN LATERAL (VALUES (2 * u.line + 4, u.payable, u.cost), (2 * u.line + 5, 'house:insured_loss', -u.cost)) AS v (line, account_id, amount);
END $$;

-- Writes generations from the records at the given positions of a JSON array (members as in the contract's GenerationRecord). A generation
-- that was recorded before, and that nobody paid for, takes the new values when p_replaces, else it stays. No lease pays for it now.
CREATE OR REPLACE FUNCTION bourse_record_generations(
  p_records jsonb, p_positions integer[], p_charges bigint[], p_costs bigint[], p_flags text[], p_replaces boolean
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO generation AS g (
    id, organization_id, api_key_id, app_id, request_id, model_requested, model_slug, provider_slug, endpoint_id, upstream_id,
    is_streamed, is_cancelled, "end", finish_reason, native_finish_reason, usage, input_tokens, output_tokens, reasoning_tokens,
    cached_tokens, basis, flags, receipt, attempts, latency_ms, generation_ms, http_referer, origin, user_agent, end_user,
    session_id, is_demo, error_code, created_at, charge_nanodollars, cost_nanodollars)
  SELECT
    r.id, r."organizationId", r."apiKeyId", r."appId", r."requestId", r."modelRequested", r."modelSlug", r."providerSlug",
    r."endpointId", r."upstreamId", r."isStreamed", r."isCancelled", r."end", r."finishReason", r."nativeFinishReason", r.usage,
    r."inputTokens", r."outputTokens", r."reasoningTokens", r."cachedTokens", r.basis, r.flags || string_to_array(d.flags, ','),
    r.receipt, r.attempts, r."latencyMs", r."generationMs", r."httpReferer", r.origin, r."userAgent", r."endUser", r."sessionId",
    r."isDemo", r."errorCode", r."createdAt", d.charge, d.cost
    FROM unnest(p_positions, p_charges, p_costs, p_flags) AS d (position, charge, cost, flags)
    CROSS JOIN LATERAL jsonb_to_record(p_records -> (d.position - 1)) AS r (
      id text, "organizationId" text, "apiKeyId" text, "appId" integer, "requestId" text, "modelRequested" text, "modelSlug" text,
      "providerSlug" text, "endpointId" text, "upstreamId" text, "isStreamed" boolean, "isCancelled" boolean, "end" text,
      "finishReason" text, "nativeFinishReason" text, usage jsonb, "inputTokens" integer, "outputTokens" integer,
      "reasoningTokens" integer, "cachedTokens" integer, basis text, flags text[], receipt jsonb, attempts jsonb,
      "latencyMs" integer, "generationMs" integer, "httpReferer" text, origin text, "userAgent" text, "endUser" text,
      "sessionId" text, "isDemo" boolean, "errorCode" text, "createdAt" timestamptz)
  ON CONFLICT (id) DO UPDATE SET
    provider_slug = excluded.provider_slug, endpoint_id = excluded.endpoint_id, upstream_id = excluded.upstream_id,
    is_cancelled = excluded.is_cancelled, "end" = excluded."end", finish_reason = excluded.finish_reason,
    native_finish_reason = excluded.native_finish_reason, usage = excluded.usage, input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens, reasoning_tokens = excluded.reasoning_tokens, cached_tokens = excluded.cached_tokens,
    basis = excluded.basis, flags = excluded.flags, receipt = excluded.receipt, attempts = excluded.attempts,
    latency_ms = excluded.latency_ms, generation_ms = excluded.generation_ms, error_code = excluded.error_code,
    lease_id = NULL, charged_on = NULL,
    charge_nanodollars = excluded.charge_nanodollars, cost_nanodollars = excluded.cost_nanodollars, recorded_at = clock_timestamp()
    WHERE p_replaces AND g.organization_id = excluded.organization_id;
END $$;

-- results: settled | late | duplicate | no_hold | unknown_account | invariant. charged: what was taken, now or before. A record may carry
-- `losses` as bourse_book_losses takes them.
CREATE OR REPLACE FUNCTION bourse_settle(
  p_ids text[], p_organizations text[], p_api_keys text[], p_charges bigint[], p_costs bigint[], p_providers text[], p_records jsonb,
  OUT results text[], OUT charged bigint[]
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  item record;
  group_account text := '';
  available bigint;   -- of the account, as the batch goes on
  promo bigint;       -- what is left of its promotional credit, as the batch goes on
  released bigint;
  taken bigint;
  from_promo bigint;
  outcome text;
  day date;
  marks text;
  has_unknown boolean := false;
  has_losses boolean := false;
  new_providers text[] := '{}';
  superseded text[] := '{}';
  done_positions integer[] := '{}';
  done_ids text[] := '{}';
  done_accounts text[] := '{}';
  done_promo_accounts text[] := '{}';
  done_keys text[] := '{}';
  done_days date[] := '{}';
  done_outcomes text[] := '{}';
  done_taken bigint[] := '{}';
  done_from_promo bigint[] := '{}';
  done_released bigint[] := '{}';
  done_charges bigint[] := '{}';
  done_costs bigint[] := '{}';
  done_payables text[] := '{}';
  done_losses jsonb[] := '{}';  -- null without any
  done_marks text[] := '{}';
  new_ids bigint[];
  accounts text[];
  account_ids text[] := '{}';
  account_posted bigint[] := '{}';
  account_held bigint[] := '{}';
BEGIN
  results := array_fill(NULL::text, ARRAY[cardinality(p_ids)]);
  charged := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
  accounts := ARRAY(SELECT DISTINCT 'org:' || u || ':credits' FROM unnest(p_organizations) u);
  PERFORM 1 FROM ledger_account WHERE id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;

  FOR item IN
    SELECT i.position, i.id, i.api_key_id, i.charge, i.cost, a.id AS account_id, a.available, a.promo, i.promo_account, i.payable, i.losses, p.id IS NULL AS is_new_provider,
           h.id IS NOT NULL AS is_held, h.state, h.amount_nanodollars AS held, h.settled_nanodollars AS settled, h.window_start,
           h.account_id = a.id AND h.api_key_id = i.api_key_id AS is_own, g.charge AS booked, g.is_booked
      FROM (SELECT u.*, 'provider:' || u.provider || ':payable' AS payable, 'org:' || u.organization_id || ':promo' AS promo_account,
                   p_records -> (u.position::integer - 1) -> 'losses' AS losses
              FROM unnest(p_ids, p_organizations, p_api_keys, p_charges, p_costs, p_providers)
                   WITH ORDINALITY AS u (id, organization_id, api_key_id, charge, cost, provider, position)) i
      LEFT JOIN LATERAL (
        SELECT id, posted_nanodollars - held_nanodollars - floor_nanodollars AS available, promo_nanodollars AS promo
          FROM ledger_account WHERE id = 'org:' || i.organization_id || ':credits' OFFSET 0) a ON true
      LEFT JOIN LATERAL (SELECT id FROM ledger_account WHERE id = i.payable OFFSET 0) p ON true
      LEFT JOIN LATERAL (
        SELECT id, account_id, api_key_id, window_start, state, amount_nanodollars, settled_nanodollars
          FROM hold WHERE id = i.id OFFSET 0) h ON true
      LEFT JOIN LATERAL (
        SELECT charge_nanodollars AS charge, charge_nanodollars <> 0 OR cost_nanodollars <> 0 OR 'attempts_insured' = ANY (flags) AS is_booked
          FROM generation WHERE id = i.id OFFSET 0) g ON true
     ORDER BY a.id, i.position
  LOOP
    IF item.account_id IS DISTINCT FROM group_account THEN
      group_account := item.account_id;
      available := item.available;
      promo := item.promo;
    END IF;
    released := 0;
    CASE
      WHEN item.charge IS NULL OR item.charge < 0 OR item.cost IS NULL OR item.cost < 0 OR item.payable IS NULL OR NOT item.is_own THEN
        results[item.position] := 'invariant';
        RAISE LOG 'bourse_settle: impossible charge % (cost %) for %', item.charge, item.cost, item.id;
        CONTINUE;
      WHEN item.account_id IS NULL THEN
        results[item.position] := 'unknown_account';
        CONTINUE;
      WHEN item.state = 'settled' THEN
        results[item.position] := 'duplicate';
        charged[item.position] := item.settled;
        CONTINUE;
      WHEN item.is_booked THEN
        -- Paid by a lease in an earlier life: the hold of the second one is not needed.
        results[item.position] := 'duplicate';
        charged[item.position] := item.booked;
        IF item.state = 'held' AND NOT item.id = ANY (superseded) THEN
          superseded := superseded || item.id;
          available := available + item.held;
        END IF;
        CONTINUE;
      WHEN item.id = ANY (done_ids) THEN
        results[item.position] := 'duplicate';
        charged[item.position] := done_taken[array_position(done_ids, item.id)];
        CONTINUE;
      WHEN NOT item.is_held THEN
        outcome := 'no_hold';
        day := ((p_records -> (item.position::integer - 1) ->> 'createdAt')::timestamptz AT TIME ZONE 'UTC')::date;
        has_unknown := true;
      WHEN item.state = 'held' THEN
        outcome := 'settled';
        released := item.held;
        day := item.window_start;
      ELSE
        outcome := 'late';
        day := item.window_start;
    END CASE;
    -- Usage never takes a balance below its floor: what the credits do not cover is our loss.
    taken := least(item.charge, greatest(available + released, 0));
    available := available + released - taken;
    from_promo := least(taken, promo);
    promo := promo - from_promo;
    has_losses := has_losses OR item.losses IS NOT NULL;
    marks := concat_ws(',', nullif(outcome, 'settled'), CASE WHEN taken < item.charge THEN 'clamped' END);
    IF item.is_new_provider AND item.cost > 0 AND NOT item.payable = ANY (new_providers) THEN
      new_providers := new_providers || item.payable;
    END IF;
    IF item.account_id = account_ids[cardinality(account_ids)] THEN
      account_posted[cardinality(account_ids)] := account_posted[cardinality(account_ids)] - taken;
      account_held[cardinality(account_ids)] := account_held[cardinality(account_ids)] - released;
    ELSE
      account_ids := account_ids || item.account_id;
      account_posted := account_posted || -taken;
      account_held := account_held || -released;
    END IF;
    results[item.position] := outcome;
    charged[item.position] := taken;
    done_positions := done_positions || item.position::integer;
    done_ids := done_ids || item.id;
    done_accounts := done_accounts || item.account_id;
    done_promo_accounts := done_promo_accounts || item.promo_account;
    done_keys := done_keys || item.api_key_id;
    done_days := done_days || day;
    done_outcomes := done_outcomes || outcome;
    done_taken := done_taken || taken;
    done_from_promo := done_from_promo || from_promo;
    done_released := done_released || -released;
    done_charges := done_charges || item.charge;
    done_costs := done_costs || item.cost;
    done_payables := done_payables || item.payable;
    done_losses := array_append(done_losses, item.losses);
    done_marks := done_marks || marks;
  END LOOP;

  PERFORM bourse_end_holds(superseded, 'voided');
  IF cardinality(done_ids) = 0 THEN
    RETURN;
  END IF;
  PERFORM bourse_move_accounts(account_ids, account_posted, account_held);
  PERFORM bourse_move_windows(done_keys, done_days, done_taken, done_released);
  UPDATE hold h SET state = 'settled', settled_nanodollars = done_taken[array_position(done_ids, h.id)], resolved_at = clock_timestamp()
   WHERE h.id = ANY (done_ids);
  IF has_unknown THEN
    INSERT INTO hold (id, account_id, api_key_id, window_start, amount_nanodollars, state, settled_nanodollars, gateway_id, expires_at, resolved_at)
      SELECT u.id, u.account_id, u.api_key_id, u.day, 0, 'settled', u.taken, '', clock_timestamp(), clock_timestamp()
        FROM unnest(done_ids, done_accounts, done_keys, done_days, done_taken, done_outcomes)
             AS u (id, account_id, api_key_id, day, taken, outcome)
       WHERE u.outcome = 'no_hold';
  END IF;
  IF cardinality(new_providers) > 0 THEN
    INSERT INTO ledger_account (id, kind) SELECT u, 'payable' FROM unnest(new_providers) u ORDER BY 1 ON CONFLICT (id) DO NOTHING;
  END IF;
  new_ids := ARRAY(SELECT nextval('ledger_transaction_id_seq') FROM generate_series(1, cardinality(done_ids)));
  INSERT INTO ledger_transaction (id, idempotency_key, request_hash, kind, reference, flags, actor)
    SELECT u.new_id, 'gen:' || u.id, u.charge || ':' || u.cost, 'usage', u.id, string_to_array(u.marks, ','), 'gateway'
      FROM unnest(new_ids, done_ids, done_charges, done_costs, done_marks, done_losses) AS u (new_id, id, charge, cost, marks, losses)
     WHERE u.charge <> 0 OR u.cost <> 0 OR u.losses IS NOT NULL;
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT u.new_id, v.line, v.account_id, v.amount
      FROM unnest(new_ids, done_accounts, done_promo_accounts, done_taken, done_from_promo, done_charges, done_costs, done_payables)
           AS u (new_id, account_id, promo_account, taken, from_promo, charge, cost, payable)
      CROSS JOIN LATERAL (VALUES
        (1, u.account_id, u.from_promo - u.taken),
        (2, u.payable, u.cost),
        (3, CASE WHEN u.charge < u.cost THEN 'house:insured_loss' ELSE 'house:revenue' END, u.charge - u.cost),
        (4, 'house:overrun_loss', u.taken - u.charge),
        (5, u.promo_account, -u.from_promo)) AS v (line, account_id, amount)
     WHERE v.amount <> 0;
  IF has_losses THEN
    PERFORM bourse_book_losses(done_ids, done_losses);
  END IF;
  PERFORM bourse_record_generations(p_records, done_positions, done_taken, done_costs, done_marks, true);
END $$;

-- Charges a batch of 1..64 generations of the given organizations to the leases that they were admitted on, in one statement after the
-- lock. p_items is a JSON array of records (members as in the contract's GenerationRecord) with the members charge, cost, lease, day, provider
-- and, where there are any, losses beside. Results, in order: settled | duplicate (recorded before, whatever was charged then) | unleased
-- (nothing done: the lease is not open, or has not enough left; small charges come first, so that one that is larger than its bound starves nobody).
CREATE OR REPLACE FUNCTION bourse_settle_leased(p_organizations text[], p_items json, OUT results text[]) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
DECLARE
  locked text[];
  promos bigint[];
  lossy text[];
  losses jsonb[];
BEGIN
  -- An item of another organization than those is not locked, so it is not settled.
  SELECT array_agg(a.id), array_agg(a.promo_nanodollars) INTO locked, promos
    FROM (SELECT id, promo_nanodollars FROM ledger_account
           WHERE id = ANY (ARRAY(SELECT DISTINCT 'org:' || u || ':credits' FROM unnest(p_organizations) u))
           ORDER BY id FOR NO KEY UPDATE) a;
  WITH item AS MATERIALIZED (
    SELECT r.*, 'org:' || r."organizationId" || ':credits' AS account_id, 'provider:' || r.provider || ':payable' AS payable
      FROM ROWS FROM (json_to_recordset(p_items) AS (
        charge bigint, cost bigint, lease text, day date, provider text, losses jsonb,
        id text, "organizationId" text, "apiKeyId" text, "appId" integer, "requestId" text, "modelRequested" text, "modelSlug" text,
        "providerSlug" text, "endpointId" text, "upstreamId" text, "isStreamed" boolean, "isCancelled" boolean, "end" text,
        "finishReason" text, "nativeFinishReason" text, usage jsonb, "inputTokens" integer, "outputTokens" integer,
        "reasoningTokens" integer, "cachedTokens" integer, basis text, flags text[], receipt jsonb, attempts jsonb,
        "latencyMs" integer, "generationMs" integer, "httpReferer" text, origin text, "userAgent" text, "endUser" text,
        "sessionId" text, "isDemo" boolean, "errorCode" text, "createdAt" timestamptz)) WITH ORDINALITY
        AS r (charge, cost, lease, day, provider, losses, id, "organizationId", "apiKeyId", "appId", "requestId", "modelRequested", "modelSlug",
        "providerSlug", "endpointId", "upstreamId", "isStreamed", "isCancelled", "end", "finishReason", "nativeFinishReason", usage,
        "inputTokens", "outputTokens", "reasoningTokens", "cachedTokens", basis, flags, receipt, attempts, "latencyMs", "generationMs",
        "httpReferer", origin, "userAgent", "endUser", "sessionId", "isDemo", "errorCode", "createdAt", position)
  ), judged AS MATERIALIZED (
    SELECT i.*, g.id IS NOT NULL AS is_known,
           i.charge >= 0 AND i.cost >= 0 AND l.state = 'open' AND l.account_id = i.account_id AND i."organizationId" = ANY (p_organizations)
             AND (l.api_key_id IS NULL OR l.api_key_id = i."apiKeyId" AND l.window_start = i.day)
             AND sum(CASE WHEN g.id IS NULL THEN i.charge ELSE 0 END) OVER (PARTITION BY i.lease ORDER BY i.charge, i.position) <= l.rest AS fits,
           l.api_key_id IS NOT NULL AS is_key_lease
      FROM item i
      LEFT JOIN LATERAL (SELECT id FROM generation WHERE id = i.id OFFSET 0) g ON true
      LEFT JOIN LATERAL (SELECT state, account_id, api_key_id, window_start, amount_nanodollars - used_nanodollars AS rest
                           FROM lease WHERE id = i.lease OFFSET 0) l ON true
  ), done AS MATERIALIZED (
    -- Promotional credit is used first, in the order in which the transactions are numbered, so that the journal shows it as well. Only the
    -- batch that uses the last of it has to look which item that is.
    SELECT j.*, CASE WHEN j.charge <> 0 OR j.cost <> 0 OR j.losses IS NOT NULL THEN nextval('ledger_transaction_id_seq') END AS transaction_id,
           CASE WHEN coalesce(promos[array_position(locked, j.account_id)], 0) = 0 THEN 0
                WHEN promos[array_position(locked, j.account_id)] >= (SELECT sum(o.charge) FROM judged o WHERE o.fits AND NOT o.is_known) THEN j.charge
                ELSE least(j.charge, greatest(0, promos[array_position(locked, j.account_id)]
                       - (SELECT coalesce(sum(o.charge), 0)::bigint FROM judged o
                           WHERE o.account_id = j.account_id AND o.fits AND NOT o.is_known
                             AND (o.lease, o.charge, o.position) < (j.lease, j.charge, j.position)))) END AS from_promo
      FROM judged j WHERE j.fits AND NOT j.is_known
  ), recorded AS (
    INSERT INTO generation (
      id, organization_id, api_key_id, app_id, request_id, model_requested, model_slug, provider_slug, endpoint_id, upstream_id,
      is_streamed, is_cancelled, "end", finish_reason, native_finish_reason, usage, input_tokens, output_tokens, reasoning_tokens,
      cached_tokens, basis, flags, receipt, attempts, latency_ms, generation_ms, http_referer, origin, user_agent, end_user,
      session_id, is_demo, error_code, created_at, charge_nanodollars, cost_nanodollars, lease_id, charged_on)
    SELECT d.id, d."organizationId", d."apiKeyId", d."appId", d."requestId", d."modelRequested", d."modelSlug", d."providerSlug",
      d."endpointId", d."upstreamId", d."isStreamed", d."isCancelled", d."end", d."finishReason", d."nativeFinishReason", d.usage,
      d."inputTokens", d."outputTokens", d."reasoningTokens", d."cachedTokens", d.basis, d.flags, d.receipt, d.attempts, d."latencyMs",
      d."generationMs", d."httpReferer", d.origin, d."userAgent", d."endUser", d."sessionId", d."isDemo", d."errorCode", d."createdAt",
      d.charge, d.cost, d.lease, d.day
      FROM done d
  ), accounts AS (
    -- The balance moves from held to spent; what is available stays as it is.
    UPDATE ledger_account a SET posted_nanodollars = a.posted_nanodollars - d.charge, held_nanodollars = a.held_nanodollars - d.charge,
           promo_nanodollars = greatest(a.promo_nanodollars - d.charge, 0)
      FROM (SELECT account_id, sum(charge)::bigint AS charge FROM done GROUP BY 1) d WHERE a.id = d.account_id
  ), leases AS (
    UPDATE lease l SET used_nanodollars = l.used_nanodollars + d.charge
      FROM (SELECT lease, sum(charge)::bigint AS charge FROM done GROUP BY 1) d WHERE l.id = d.lease
  ), windows AS (
    INSERT INTO key_window AS w (api_key_id, window_start, used_nanodollars, held_nanodollars)
      SELECT d."apiKeyId", d.day, sum(d.charge), sum(CASE WHEN d.is_key_lease THEN -d.charge ELSE 0 END) FROM done d GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (api_key_id, window_start) DO UPDATE
        SET used_nanodollars = w.used_nanodollars + excluded.used_nanodollars,
            held_nanodollars = w.held_nanodollars + excluded.held_nanodollars
  ), payables AS (
    INSERT INTO ledger_account (id, kind)
      SELECT DISTINCT d.payable, 'payable' FROM done d
       WHERE d.cost > 0 AND (SELECT a.id FROM ledger_account a WHERE a.id = d.payable) IS NULL ORDER BY 1
      ON CONFLICT (id) DO NOTHING
  ), transactions AS (
    INSERT INTO ledger_transaction (id, idempotency_key, request_hash, kind, reference, flags, actor)
      SELECT d.transaction_id, 'gen:' || d.id, d.charge || ':' || d.cost, 'usage', d.id, '{}', 'gateway' FROM done d
       WHERE d.transaction_id IS NOT NULL
  ), entries AS (
    -- A scan for each line: a list of values beside each row would be set up anew for each.
    INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
      SELECT d.transaction_id, 1, d.account_id, d.from_promo - d.charge FROM done d WHERE d.from_promo <> d.charge
      UNION ALL
      SELECT d.transaction_id, 2, d.payable, d.cost FROM done d WHERE d.cost <> 0
      UNION ALL
      SELECT d.transaction_id, 3, CASE WHEN d.charge < d.cost THEN 'house:insured_loss' ELSE 'house:revenue' END, d.charge - d.cost
        FROM done d WHERE d.charge <> d.cost
      UNION ALL
      SELECT d.transaction_id, 5, 'org:' || d."organizationId" || ':promo', -d.from_promo FROM done d WHERE d.from_promo <> 0
  )
  SELECT array_agg(CASE WHEN j.is_known THEN 'duplicate' WHEN j.fits THEN 'settled' ELSE 'unleased' END ORDER BY j.position),
         array_agg(j.id) FILTER (WHERE j.losses IS NOT NULL AND j.fits AND NOT j.is_known),
         array_agg(j.losses) FILTER (WHERE j.losses IS NOT NULL AND j.fits AND NOT j.is_known)
    INTO results, lossy, losses FROM judged j;
  IF lossy IS NOT NULL THEN
    PERFORM bourse_book_losses(lossy, losses);
  END IF;
END $$;

-- Applies a balanced set of entries once: posted | duplicate | conflict (same key, other content) | insufficient_credits | unknown_account.
-- Grants are promotional and purchases are paid credit; nothing turns the one into the other; charges are refunded by bourse_refund.
CREATE OR REPLACE FUNCTION bourse_post(
  p_key text, p_request_hash text, p_kind text, p_reference text, p_actor text, p_flags text[], p_accounts text[], p_amounts bigint[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  known_hash text;
  new_id bigint;
  tenants text[];  -- rows of tenants that change, with what changes of their paid and of their promotional credit
  paid bigint[];
  promo bigint[];
BEGIN
  IF p_kind NOT IN ('topup', 'grant', 'refund', 'adjustment') THEN
    RAISE EXCEPTION 'there is no kind of transaction % to post', p_kind USING ERRCODE = 'check_violation';
  END IF;
  SELECT array_agg(d.tenant), array_agg(d.paid), array_agg(d.promo) INTO tenants, paid, promo
    FROM (SELECT regexp_replace(u.id, ':promo$', ':credits') AS tenant,
                 coalesce(sum(u.amount) FILTER (WHERE u.id NOT LIKE '%:promo'), 0)::bigint AS paid,
                 coalesce(sum(u.amount) FILTER (WHERE u.id LIKE '%:promo'), 0)::bigint AS promo
            FROM unnest(p_accounts, p_amounts) AS u (id, amount) WHERE u.id LIKE 'org:%' GROUP BY 1) d;
  PERFORM 1 FROM ledger_account WHERE id = ANY (tenants) ORDER BY id FOR NO KEY UPDATE;
  SELECT request_hash INTO known_hash FROM ledger_transaction WHERE idempotency_key = p_key;
  IF FOUND THEN
    RETURN CASE WHEN known_hash = p_request_hash THEN 'duplicate' ELSE 'conflict' END;
  END IF;
  IF EXISTS (SELECT 1 FROM unnest(p_accounts) u WHERE NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = u)) THEN
    RETURN 'unknown_account';
  END IF;
  IF EXISTS (SELECT 1 FROM unnest(paid, promo) AS u (paid, promo)
              WHERE p_kind = 'grant' AND u.paid <> 0 OR p_kind = 'topup' AND u.promo <> 0 OR p_kind = 'refund' AND u.paid + u.promo > 0
                 OR sign(u.paid) * sign(u.promo) < 0) THEN
    RAISE EXCEPTION 'a % cannot change paid credit by % and promotional credit by %', p_kind, paid, promo USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (
    SELECT 1 FROM unnest(tenants, paid, promo) AS u (id, paid, promo) JOIN ledger_account a ON a.id = u.id
     WHERE u.paid + u.promo < 0 AND a.posted_nanodollars - a.held_nanodollars - a.floor_nanodollars + u.paid + u.promo < 0
        OR u.paid < 0 AND a.posted_nanodollars - a.promo_nanodollars - a.floor_nanodollars + u.paid < 0
        OR u.promo < 0 AND a.promo_nanodollars + u.promo < 0
  ) THEN
    RETURN 'insufficient_credits';
  END IF;
  INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, flags, actor)
    VALUES (p_key, p_request_hash, p_kind, p_reference, p_flags, p_actor)
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id INTO new_id;
  IF new_id IS NULL THEN -- another connection was faster, on other accounts
    SELECT request_hash INTO known_hash FROM ledger_transaction WHERE idempotency_key = p_key;
    RETURN CASE WHEN known_hash = p_request_hash THEN 'duplicate' ELSE 'conflict' END;
  END IF;
  UPDATE ledger_account a SET posted_nanodollars = a.posted_nanodollars + u.paid + u.promo, promo_nanodollars = a.promo_nanodollars + u.promo
    FROM unnest(tenants, paid, promo) AS u (id, paid, promo) WHERE a.id = u.id;
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT new_id, u.line, u.id, u.amount FROM unnest(p_accounts, p_amounts) WITH ORDINALITY AS u (id, amount, line);
  RETURN 'posted';
END $$;

-- Gives back what was charged for a generation, once per key: refunded | duplicate | conflict | exceeds_charge (more than is left of the
-- charge) | unknown_charge. What was paid for comes back first, as paid credit, and only then what was given, as promotional credit.
CREATE INDEX ledger_transaction_refund ON ledger_transaction (reference) WHERE kind = 'refund';
CREATE FUNCTION bourse_refund(p_key text, p_generation text, p_organization text, p_amount bigint, p_actor text,
  OUT result text, OUT paid bigint, OUT promo bigint) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  paid_account text := 'org:' || p_organization || ':credits';
  promo_account text := 'org:' || p_organization || ':promo';
  hash text := 'refund:' || p_generation || ':' || p_organization || ':' || p_amount;
  known_hash text;
  new_id bigint;
BEGIN
  IF p_amount IS NULL OR p_amount <= 0 THEN
    RAISE EXCEPTION 'a refund of %', p_amount USING ERRCODE = 'check_violation';
  END IF;
  PERFORM 1 FROM ledger_account WHERE id = paid_account FOR NO KEY UPDATE;
  SELECT t.request_hash INTO known_hash FROM ledger_transaction t WHERE t.idempotency_key = p_key;
  IF FOUND THEN
    result := CASE WHEN known_hash = hash THEN 'duplicate' ELSE 'conflict' END;
    RETURN;
  END IF;
  -- What is left of the charge: its own lines, less those of the refunds before.
  SELECT -sum(e.amount_nanodollars) FILTER (WHERE e.account_id = paid_account), -sum(e.amount_nanodollars) FILTER (WHERE e.account_id = promo_account)
    INTO paid, promo
    FROM ledger_entry e
   WHERE e.transaction_id = ANY (ARRAY(SELECT t.id FROM ledger_transaction t WHERE t.idempotency_key = 'gen:' || p_generation
                                       UNION ALL SELECT t.id FROM ledger_transaction t WHERE t.kind = 'refund' AND t.reference = p_generation));
  paid := coalesce(paid, 0);
  promo := coalesce(promo, 0);
  IF paid + promo = 0 THEN
    result := 'unknown_charge';
  ELSIF p_amount > paid + promo THEN
    result := 'exceeds_charge';
  ELSE
    result := 'refunded';
    paid := least(p_amount, paid);
    promo := p_amount - paid;
    INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, flags, actor)
      VALUES (p_key, hash, 'refund', p_generation, '{}', p_actor) RETURNING id INTO new_id;
    UPDATE ledger_account a SET posted_nanodollars = a.posted_nanodollars + p_amount, promo_nanodollars = a.promo_nanodollars + promo
     WHERE a.id = paid_account;
    INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
      SELECT new_id, v.line, v.account_id, v.amount
        FROM (VALUES (1, paid_account, paid), (2, 'house:refunds', -p_amount), (5, promo_account, promo)) AS v (line, account_id, amount)
       WHERE v.amount <> 0;
  END IF;
END $$;

-- The state machines. Anything that is not an arrow aborts the transaction; it is a bug of ours or somebody's hand in the tables.
--   hold:       held -> settled | voided | expired;  voided | expired -> settled (late);  settled is final
--   lease:      open -> closed | fenced;  what is not open does not change, and what was used is never less
--   topup:      created -> paid | granted | expired | failed;  paid -> granted;  expired | failed -> paid | granted (events come in any order, and
--               money that came is granted);  granted is final;  the amounts never change
--   generation: recorded once, at its end; a record that nobody paid for may be replaced by one that is paid; then it is final
-- The arrows stand in the triggers' conditions, so that an allowed change calls nothing.
CREATE FUNCTION bourse_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  state_of text := TG_ARGV[0];
  change text := format('%s %s from %s to %s', TG_TABLE_NAME, NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ->> state_of ELSE 'nothing' END,
    to_jsonb(NEW) ->> state_of);
BEGIN
  RAISE LOG 'ALERT impossible transition: %', change;
  RAISE EXCEPTION 'impossible transition: %', change USING ERRCODE = 'BRS01';
END $$;
CREATE TRIGGER hold_transition BEFORE UPDATE OF state, amount_nanodollars, settled_nanodollars ON hold FOR EACH ROW
  WHEN (OLD.state = 'settled' OR NEW.amount_nanodollars <> OLD.amount_nanodollars
        OR OLD.state <> NEW.state AND NOT (NEW.state = 'settled' AND OLD.state IN ('held', 'voided', 'expired')
                                           OR OLD.state = 'held' AND NEW.state IN ('voided', 'expired')))
  EXECUTE FUNCTION bourse_refuse_transition('state');
CREATE TRIGGER lease_transition BEFORE UPDATE OF state, amount_nanodollars, used_nanodollars ON lease FOR EACH ROW
  WHEN (OLD.state <> 'open' OR NEW.state NOT IN ('open', 'closed', 'fenced') OR NEW.used_nanodollars < OLD.used_nanodollars)
  EXECUTE FUNCTION bourse_refuse_transition('state');
CREATE TRIGGER lease_begins BEFORE INSERT ON lease FOR EACH ROW
  WHEN (NEW.state <> 'open' OR NEW.used_nanodollars <> 0) EXECUTE FUNCTION bourse_refuse_transition('state');
CREATE TRIGGER topup_transition BEFORE UPDATE OF state, organization_id, amount_nanodollars, amount_cents, fee_cents, currency ON topup FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND NOT (NEW.state = 'granted' AND OLD.state IN ('created', 'paid', 'expired', 'failed')
                                        OR NEW.state = 'paid' AND OLD.state IN ('created', 'expired', 'failed')
                                        OR NEW.state IN ('expired', 'failed') AND OLD.state = 'created')
        OR (OLD.organization_id, OLD.amount_nanodollars, OLD.amount_cents, OLD.fee_cents, OLD.currency)
           <> (NEW.organization_id, NEW.amount_nanodollars, NEW.amount_cents, NEW.fee_cents, NEW.currency))
  EXECUTE FUNCTION bourse_refuse_transition('state');
CREATE TRIGGER topup_begins BEFORE INSERT ON topup FOR EACH ROW
  WHEN (NEW.state <> 'created') EXECUTE FUNCTION bourse_refuse_transition('state');
CREATE TRIGGER generation_transition BEFORE UPDATE OF organization_id, api_key_id, charge_nanodollars, cost_nanodollars, receipt, usage, lease_id, "end"
  ON generation FOR EACH ROW
  WHEN (OLD.charge_nanodollars <> 0 OR OLD.cost_nanodollars <> 0
        OR NEW.organization_id <> OLD.organization_id OR NEW.api_key_id <> OLD.api_key_id)
  EXECUTE FUNCTION bourse_refuse_transition('charge_nanodollars');
