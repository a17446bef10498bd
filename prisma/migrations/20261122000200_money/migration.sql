-- The functions that move money. Each takes a batch of 1..64 items as arrays and decides every item by itself.
--
-- Lock order, everywhere: ledger accounts in id order, then key windows, then holds. A hold and a key belong to one account for life, so
-- whoever holds the account's lock owns its windows and holds too; the guards on those updates are second fences. READ COMMITTED:
-- every statement after the lock sees what others committed before.
--
-- An item that cannot be (negative amount, another tenant's hold) gets the result 'invariant', is logged, and changes nothing.
-- Plans are generic by force: the planner prefers to plan anew for each list of items, which costs more than running the plan. A plan
-- made while the tables were small must still be right when they are large, so every statement is written such that it can only look rows
-- up by primary key: id = ANY (list), LATERAL ... OFFSET 0, ON CONFLICT; and nothing is joined to a table directly.
--
-- A broken guard raises: then the whole batch is undone, and the caller repeats its items one by one.

-- First UTC day of the window that a limit with this reset rhythm counts in; weeks begin on Monday; no rhythm = since ever.
CREATE FUNCTION bourse_window_from(p_reset text, p_day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_reset WHEN 'daily' THEN p_day
                      WHEN 'weekly' THEN p_day - (extract(isodow FROM p_day)::integer - 1)
                      WHEN 'monthly' THEN p_day - (extract(day FROM p_day)::integer - 1)
                      ELSE '-infinity'::date END
$$;

-- Moves balances of tenants, each account at most once per call. Whoever takes must leave something available: >= 0 above the floor.
CREATE FUNCTION bourse_move_accounts(p_ids text[], p_posted bigint[], p_held bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  touched integer;
BEGIN
  UPDATE ledger_account a
     SET posted_nanodollars = a.posted_nanodollars + p_posted[array_position(p_ids, a.id)],
         held_nanodollars = a.held_nanodollars + p_held[array_position(p_ids, a.id)]
   WHERE a.id = ANY (p_ids)
     AND (p_posted[array_position(p_ids, a.id)] >= 0 AND p_held[array_position(p_ids, a.id)] <= 0
          OR a.posted_nanodollars + p_posted[array_position(p_ids, a.id)]
             >= a.held_nanodollars + p_held[array_position(p_ids, a.id)] + a.floor_nanodollars);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched <> cardinality(p_ids) THEN
    RAISE EXCEPTION 'an account of % changed under its lock', p_ids;
  END IF;
END $$;

-- Moves what keys used and hold on days; rows are made when they are needed.
CREATE FUNCTION bourse_move_windows(p_keys text[], p_days date[], p_used bigint[], p_held bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  is_wrong boolean;
BEGIN
  WITH moved AS (
    INSERT INTO key_window AS w (api_key_id, window_start, used_nanodollars, held_nanodollars)
      SELECT u.api_key_id, u.day, sum(u.used), sum(u.held)
        FROM unnest(p_keys, p_days, p_used, p_held) AS u (api_key_id, day, used, held) GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (api_key_id, window_start) DO UPDATE
        SET used_nanodollars = w.used_nanodollars + excluded.used_nanodollars,
            held_nanodollars = w.held_nanodollars + excluded.held_nanodollars
    RETURNING w.held_nanodollars < 0 AS is_wrong
  )
  SELECT bool_or(m.is_wrong) INTO is_wrong FROM moved m;
  IF is_wrong THEN
    RAISE EXCEPTION 'a key of % would hold less than nothing', p_keys;
  END IF;
END $$;

-- Gives open holds back, under the locks of their accounts. Raises when one of them is not open.
CREATE FUNCTION bourse_end_holds(p_ids text[], p_state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended integer;
  accounts text[];
  account_held bigint[];
  keys text[];
  days date[];
  key_held bigint[];
BEGIN
  IF cardinality(p_ids) = 0 THEN
    RETURN;
  END IF;
  -- CASE keeps the planner from reading all open holds by their own index.
  WITH ended AS (
    UPDATE hold h SET state = p_state, resolved_at = clock_timestamp()
     WHERE h.id = ANY (p_ids) AND CASE h.state WHEN 'held' THEN true END
    RETURNING h.account_id, h.api_key_id, h.window_start, h.amount_nanodollars AS amount
  ), by_account AS (
    SELECT e.account_id, -sum(e.amount)::bigint AS amount FROM ended e GROUP BY 1
  )
  SELECT count(*), array_agg(e.api_key_id), array_agg(e.window_start), array_agg(-e.amount),
         (SELECT array_agg(a.account_id ORDER BY a.account_id) FROM by_account a),
         (SELECT array_agg(a.amount ORDER BY a.account_id) FROM by_account a)
    INTO ended, keys, days, key_held, accounts, account_held
    FROM ended e;
  IF ended <> cardinality(p_ids) THEN
    RAISE EXCEPTION 'a hold of % changed under its lock', p_ids;
  END IF;
  PERFORM bourse_move_accounts(accounts, array_fill(0::bigint, ARRAY[cardinality(accounts)]), account_held);
  PERFORM bourse_move_windows(keys, days, array_fill(0::bigint, ARRAY[cardinality(keys)]), key_held);
END $$;

-- results: held | duplicate | insufficient_credits | key_limit | frozen | key_inactive | unknown_account | invariant.
-- amounts: what is available with insufficient_credits, what remains of the limit with key_limit, else 0.
CREATE FUNCTION bourse_reserve(
  p_ids text[], p_organizations text[], p_api_keys text[], p_amounts bigint[], p_ttls_ms integer[], p_gateways text[],
  OUT results text[], OUT amounts bigint[]
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  item record;
  today date;
  group_account text := '';
  group_key text := '';
  available bigint;       -- of the account, as the batch goes on
  remaining bigint;       -- of the key's limit, as the batch goes on; null without a limit
  outcome text;
  detail bigint;
  taken_ids text[] := '{}';
  taken_accounts text[] := '{}';
  taken_keys text[] := '{}';
  taken_amounts bigint[] := '{}';
  taken_ttls integer[] := '{}';
  taken_gateways text[] := '{}';
  accounts text[];
  account_ids text[] := '{}';
  account_held bigint[] := '{}';
BEGIN
  results := array_fill(NULL::text, ARRAY[cardinality(p_ids)]);
  amounts := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
  accounts := ARRAY(SELECT DISTINCT 'org:' || u || ':credits' FROM unnest(p_organizations) u);
  PERFORM 1 FROM ledger_account WHERE id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
  today := (clock_timestamp() AT TIME ZONE 'UTC')::date;

  FOR item IN
    SELECT i.position, i.id, i.amount, i.ttl_ms, i.gateway, i.api_key_id, a.id AS account_id, a.is_frozen, a.available,
           k.organization_id = i.organization_id AND k.is_active AS is_active, k.remaining, h.id IS NOT NULL AS is_known
      FROM unnest(p_ids, p_organizations, p_api_keys, p_amounts, p_ttls_ms, p_gateways)
           WITH ORDINALITY AS i (id, organization_id, api_key_id, amount, ttl_ms, gateway, position)
      LEFT JOIN LATERAL (
        SELECT id, is_frozen, posted_nanodollars - held_nanodollars - floor_nanodollars AS available
          FROM ledger_account WHERE id = 'org:' || i.organization_id || ':credits' OFFSET 0) a ON true
      LEFT JOIN LATERAL (
        SELECT organization_id,
               disabled_at IS NULL AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) AS is_active,
               CASE WHEN limit_nanodollars IS NOT NULL THEN limit_nanodollars - (
                 SELECT coalesce(sum(w.used_nanodollars + w.held_nanodollars), 0)::bigint FROM key_window w
                  WHERE w.api_key_id = k.id AND w.window_start >= bourse_window_from(limit_reset, today)) END AS remaining
          FROM api_key k WHERE id = i.api_key_id OFFSET 0) k ON true
      LEFT JOIN LATERAL (SELECT id FROM hold WHERE id = i.id OFFSET 0) h ON true
     ORDER BY a.id, i.api_key_id, i.position
  LOOP
    IF item.account_id IS DISTINCT FROM group_account THEN
      group_account := item.account_id;
      group_key := '';
      available := item.available;
    END IF;
    IF item.api_key_id IS DISTINCT FROM group_key THEN
      group_key := item.api_key_id;
      remaining := item.remaining;
    END IF;
    detail := 0;
    CASE
      WHEN item.amount IS NULL OR item.amount < 0 OR item.ttl_ms IS NULL OR item.ttl_ms NOT BETWEEN 1000 AND 86400000 THEN
        outcome := 'invariant';
        RAISE LOG 'bourse_reserve: impossible hold % of % for % ms', item.id, item.amount, item.ttl_ms;
      WHEN item.account_id IS NULL THEN outcome := 'unknown_account';
      WHEN item.is_known OR item.id = ANY (taken_ids) THEN outcome := 'duplicate';
      WHEN item.is_active IS NOT TRUE THEN outcome := 'key_inactive';
      WHEN item.is_frozen THEN outcome := 'frozen';
      WHEN remaining < item.amount THEN
        outcome := 'key_limit';
        detail := greatest(remaining, 0);
      WHEN available < item.amount THEN
        outcome := 'insufficient_credits';
        detail := available;
      ELSE
        outcome := 'held';
        available := available - item.amount;
        remaining := remaining - item.amount;
        IF item.account_id = account_ids[cardinality(account_ids)] THEN
          account_held[cardinality(account_ids)] := account_held[cardinality(account_ids)] + item.amount;
        ELSE
          account_ids := account_ids || item.account_id;
          account_held := account_held || item.amount;
        END IF;
        taken_ids := taken_ids || item.id;
        taken_accounts := taken_accounts || item.account_id;
        taken_keys := taken_keys || item.api_key_id;
        taken_amounts := taken_amounts || item.amount;
        taken_ttls := taken_ttls || item.ttl_ms;
        taken_gateways := taken_gateways || item.gateway;
    END CASE;
    results[item.position] := outcome;
    amounts[item.position] := detail;
  END LOOP;

  IF cardinality(taken_ids) = 0 THEN
    RETURN;
  END IF;
  PERFORM bourse_move_accounts(account_ids, array_fill(0::bigint, ARRAY[cardinality(account_ids)]), account_held);
  PERFORM bourse_move_windows(taken_keys, array_fill(today, ARRAY[cardinality(taken_ids)]),
    array_fill(0::bigint, ARRAY[cardinality(taken_ids)]), taken_amounts);
  INSERT INTO hold (id, account_id, api_key_id, window_start, amount_nanodollars, gateway_id, expires_at)
    SELECT u.id, u.account_id, u.api_key_id, today, u.amount, u.gateway, clock_timestamp() + u.ttl_ms * interval '1 millisecond'
      FROM unnest(taken_ids, taken_accounts, taken_keys, taken_amounts, taken_ttls, taken_gateways)
           AS u (id, account_id, api_key_id, amount, ttl_ms, gateway);
END $$;

-- Writes generations from the records at the given positions of a JSON array (members as in the contract's GenerationRecord). A generation
-- that was recorded before (given back, then charged late) takes the new values when p_replaces, else it stays.
CREATE FUNCTION bourse_record_generations(
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
    charge_nanodollars = excluded.charge_nanodollars, cost_nanodollars = excluded.cost_nanodollars, recorded_at = clock_timestamp()
    WHERE p_replaces AND g.organization_id = excluded.organization_id;
END $$;

-- results: settled | late | duplicate | no_hold | unknown_account | invariant. charged: what was taken, now or before.
CREATE FUNCTION bourse_settle(
  p_ids text[], p_organizations text[], p_api_keys text[], p_charges bigint[], p_costs bigint[], p_providers text[], p_records jsonb,
  OUT results text[], OUT charged bigint[]
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  item record;
  group_account text := '';
  available bigint;   -- of the account, as the batch goes on
  released bigint;
  taken bigint;
  outcome text;
  day date;
  marks text;
  has_unknown boolean := false;
  new_providers text[] := '{}';
  done_positions integer[] := '{}';
  done_ids text[] := '{}';
  done_accounts text[] := '{}';
  done_keys text[] := '{}';
  done_days date[] := '{}';
  done_outcomes text[] := '{}';
  done_taken bigint[] := '{}';
  done_released bigint[] := '{}';
  done_charges bigint[] := '{}';
  done_costs bigint[] := '{}';
  done_payables text[] := '{}';
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
    SELECT i.position, i.id, i.api_key_id, i.charge, i.cost, a.id AS account_id, a.available, i.payable, p.id IS NULL AS is_new_provider,
           h.id IS NOT NULL AS is_held, h.state, h.amount_nanodollars AS held, h.settled_nanodollars AS settled, h.window_start,
           h.account_id = a.id AND h.api_key_id = i.api_key_id AS is_own
      FROM (SELECT u.*, 'provider:' || u.provider || ':payable' AS payable
              FROM unnest(p_ids, p_organizations, p_api_keys, p_charges, p_costs, p_providers)
                   WITH ORDINALITY AS u (id, organization_id, api_key_id, charge, cost, provider, position)) i
      LEFT JOIN LATERAL (
        SELECT id, posted_nanodollars - held_nanodollars - floor_nanodollars AS available
          FROM ledger_account WHERE id = 'org:' || i.organization_id || ':credits' OFFSET 0) a ON true
      LEFT JOIN LATERAL (SELECT id FROM ledger_account WHERE id = i.payable OFFSET 0) p ON true
      LEFT JOIN LATERAL (
        SELECT id, account_id, api_key_id, window_start, state, amount_nanodollars, settled_nanodollars
          FROM hold WHERE id = i.id OFFSET 0) h ON true
     ORDER BY a.id, i.position
  LOOP
    IF item.account_id IS DISTINCT FROM group_account THEN
      group_account := item.account_id;
      available := item.available;
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
    done_keys := done_keys || item.api_key_id;
    done_days := done_days || day;
    done_outcomes := done_outcomes || outcome;
    done_taken := done_taken || taken;
    done_released := done_released || -released;
    done_charges := done_charges || item.charge;
    done_costs := done_costs || item.cost;
    done_payables := done_payables || item.payable;
    done_marks := done_marks || marks;
  END LOOP;

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
      FROM unnest(new_ids, done_ids, done_charges, done_costs, done_marks) AS u (new_id, id, charge, cost, marks)
     WHERE u.charge <> 0 OR u.cost <> 0;
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT u.new_id, v.line, v.account_id, v.amount
      FROM unnest(new_ids, done_accounts, done_taken, done_charges, done_costs, done_payables)
           AS u (new_id, account_id, taken, charge, cost, payable)
      CROSS JOIN LATERAL (VALUES
        (1, u.account_id, -u.taken),
        (2, u.payable, u.cost),
        (3, CASE WHEN u.charge < u.cost THEN 'house:insured_loss' ELSE 'house:revenue' END, u.charge - u.cost),
        (4, 'house:overrun_loss', u.taken - u.charge)) AS v (line, account_id, amount)
     WHERE v.amount <> 0;
  PERFORM bourse_record_generations(p_records, done_positions, done_taken, done_costs, done_marks, true);
END $$;

-- results: released | duplicate | no_hold. p_records holds a record or null per item; records are kept with charge 0 in all cases.
CREATE FUNCTION bourse_void(p_ids text[], p_organizations text[], p_records jsonb, OUT results text[])
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  accounts text[] := ARRAY(SELECT 'org:' || u || ':credits' FROM unnest(p_organizations) u);
  known text[];
  ended text[];
  positions integer[];
BEGIN
  PERFORM 1 FROM ledger_account WHERE id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
  -- A hold that is named together with somebody else's account is not known here.
  SELECT coalesce(array_agg(h.id), '{}'), coalesce(array_agg(h.id) FILTER (WHERE h.state = 'held'), '{}') INTO known, ended
    FROM hold h WHERE h.id = ANY (p_ids) AND h.account_id = accounts[array_position(p_ids, h.id)];
  PERFORM bourse_end_holds(ended, 'voided');
  SELECT array_agg(CASE WHEN u.id = ANY (ended) THEN 'released' WHEN u.id = ANY (known) THEN 'duplicate' ELSE 'no_hold' END
                   ORDER BY u.position),
         array_agg(u.position) FILTER (WHERE jsonb_typeof(p_records -> (u.position::integer - 1)) = 'object')
    INTO results, positions
    FROM unnest(p_ids) WITH ORDINALITY AS u (id, position);
  IF positions IS NOT NULL THEN
    PERFORM bourse_record_generations(p_records, positions, array_fill(0::bigint, ARRAY[cardinality(positions)]),
      array_fill(0::bigint, ARRAY[cardinality(positions)]), array_fill(''::text, ARRAY[cardinality(positions)]), false);
  END IF;
END $$;

-- Gives back at most p_limit holds whose time has passed and answers how many. It never guesses a charge: a later settle still lands.
CREATE FUNCTION bourse_expire_holds(p_limit integer) RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  due text[];
  accounts text[];
BEGIN
  SELECT array_agg(d.id), array_agg(DISTINCT d.account_id) INTO due, accounts
    FROM (SELECT id, account_id FROM hold WHERE state = 'held' AND expires_at < clock_timestamp() ORDER BY expires_at LIMIT p_limit) d;
  IF due IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM 1 FROM ledger_account WHERE id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
  -- Some may have been settled while we waited for the locks.
  due := ARRAY(SELECT h.id FROM hold h WHERE h.id = ANY (due) AND h.state = 'held');
  PERFORM bourse_end_holds(due, 'expired');
  RETURN cardinality(due);
END $$;

-- Applies a balanced set of entries once: posted | duplicate | conflict (same key, other content) | insufficient_credits | unknown_account.
CREATE FUNCTION bourse_post(
  p_key text, p_request_hash text, p_kind text, p_reference text, p_actor text, p_flags text[], p_accounts text[], p_amounts bigint[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  known_hash text;
  new_id bigint;
BEGIN
  IF p_kind NOT IN ('usage', 'topup', 'grant', 'refund', 'adjustment') THEN
    RAISE EXCEPTION 'there is no kind of transaction %', p_kind USING ERRCODE = 'check_violation';
  END IF;
  PERFORM 1 FROM ledger_account WHERE id = ANY (p_accounts) AND organization_id IS NOT NULL ORDER BY id FOR NO KEY UPDATE;
  SELECT request_hash INTO known_hash FROM ledger_transaction WHERE idempotency_key = p_key;
  IF FOUND THEN
    RETURN CASE WHEN known_hash = p_request_hash THEN 'duplicate' ELSE 'conflict' END;
  END IF;
  IF EXISTS (SELECT 1 FROM unnest(p_accounts) u WHERE NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = u)) THEN
    RETURN 'unknown_account';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (SELECT u.id, sum(u.amount) AS amount FROM unnest(p_accounts, p_amounts) AS u (id, amount) GROUP BY u.id) d
      JOIN ledger_account a ON a.id = d.id AND a.organization_id IS NOT NULL
     WHERE d.amount < 0 AND a.posted_nanodollars - a.held_nanodollars - a.floor_nanodollars + d.amount < 0
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
  UPDATE ledger_account a SET posted_nanodollars = a.posted_nanodollars + d.amount
    FROM (SELECT u.id, sum(u.amount)::bigint AS amount FROM unnest(p_accounts, p_amounts) AS u (id, amount) GROUP BY u.id) d
   WHERE a.id = d.id AND a.organization_id IS NOT NULL;
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT new_id, u.line, u.id, u.amount FROM unnest(p_accounts, p_amounts) WITH ORDINALITY AS u (id, amount, line);
  RETURN 'posted';
END $$;
