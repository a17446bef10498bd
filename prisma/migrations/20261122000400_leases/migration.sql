-- Credit leases: a gateway takes a slab of an organization's credits, spends it from memory, and settles in batches. What is left of a
-- lease counts as held, so it cannot be spent twice; a lease of a key with a limit is held in the key's window of that day as well.
-- Lock order as everywhere: ledger account, then key window, then hold or lease. A lease belongs to one account for life.

CREATE TABLE lease (
  id text NOT NULL,
  account_id text NOT NULL,
  api_key_id text,
  window_start date,
  gateway_id text NOT NULL,
  amount_nanodollars bigint NOT NULL,
  used_nanodollars bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'open',
  expires_at timestamptz(6) NOT NULL,
  recalled_at timestamptz(6),
  created_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  closed_at timestamptz(6),
  CONSTRAINT lease_pkey PRIMARY KEY (id),
  CONSTRAINT lease_used CHECK (used_nanodollars >= 0 AND used_nanodollars <= amount_nanodollars)
);
CREATE INDEX lease_open ON lease (account_id) WHERE state = 'open';
ALTER TABLE lease SET (fillfactor = 50);

-- Which gateway processes live, by the database clock: says when what a dead one left behind may be taken over.
CREATE TABLE gateway (
  id text NOT NULL,
  host text NOT NULL,
  started_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  seen_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  stopped_at timestamptz(6),
  spool_pending integer NOT NULL DEFAULT 0,
  spool_oldest_ms integer NOT NULL DEFAULT 0,
  CONSTRAINT gateway_pkey PRIMARY KEY (id)
);
ALTER TABLE gateway SET (fillfactor = 50);

-- Set when somebody is short of credit: until then no new lease is given, so that what gateways give back reaches who asked for it.
ALTER TABLE ledger_account ADD COLUMN leases_paused_until timestamptz(6);

-- A generation that was paid from a lease has no hold: it names the lease, and the UTC day of its reserve.
ALTER TABLE generation ADD COLUMN lease_id text, ADD COLUMN charged_on date;

-- Takes more credit for a lease, or opens it. The slab is a tenth of what is available, at most p_slab_max; p_needed asks for at
-- least so much, and is given as long as it is no more than a quarter of what is available: with little credit left every request goes
-- through bourse_reserve, which is exact to the last nanodollar.
-- results: granted | low | frozen | key_limit | key_inactive | unknown_account | fenced. granted: what was added. available: of the account, after.
CREATE FUNCTION bourse_extend_lease(
  p_id text, p_organization text, p_api_key text, p_is_limited boolean, p_gateway text, p_needed bigint, p_slab_max bigint,
  p_slab_min bigint, p_ttl_ms integer, OUT result text, OUT granted bigint, OUT available bigint, OUT now_ms bigint
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  account text := 'org:' || p_organization || ':credits';
  is_frozen boolean;
  is_paused boolean;
  key_is_active boolean;
  key_remaining bigint;
  today date;
  old lease;
  slab bigint;
BEGIN
  granted := 0;
  SELECT a.posted_nanodollars - a.held_nanodollars - a.floor_nanodollars, a.is_frozen, a.leases_paused_until > clock_timestamp()
    INTO available, is_frozen, is_paused FROM ledger_account a WHERE a.id = account FOR NO KEY UPDATE;
  now_ms := extract(epoch FROM clock_timestamp()) * 1000;
  today := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  IF available IS NULL THEN
    result := 'unknown_account';
    RETURN;
  END IF;
  SELECT k.organization_id = p_organization AND k.disabled_at IS NULL AND k.deleted_at IS NULL
           AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()),
         k.limit_nanodollars - (SELECT coalesce(sum(w.used_nanodollars + w.held_nanodollars), 0)::bigint FROM key_window w
                                 WHERE w.api_key_id = k.id AND w.window_start >= bourse_window_from(k.limit_reset, today))
    INTO key_is_active, key_remaining FROM api_key k WHERE k.id = p_api_key;
  SELECT * INTO old FROM lease l WHERE l.id = p_id FOR NO KEY UPDATE;
  IF is_frozen THEN
    result := 'frozen';
  ELSIF key_is_active IS NOT TRUE THEN
    result := 'key_inactive';
  -- A limit came or went, or midnight did, since the gateway looked: it starts a new lease.
  ELSIF old.id IS NOT NULL AND (old.state <> 'open' OR old.gateway_id <> p_gateway OR old.account_id <> account
        OR old.window_start IS NOT NULL AND old.window_start <> today OR old.api_key_id <> p_api_key)
     OR (key_remaining IS NOT NULL) IS DISTINCT FROM p_is_limited THEN
    result := 'fenced';
  ELSE
    slab := least(p_slab_max, available / 10, key_remaining / 10);
    IF is_paused OR slab < p_slab_min OR p_needed > available / 4 OR p_needed > key_remaining / 4 THEN
      result := 'low';
    ELSE
      result := 'granted';
      granted := greatest(slab, p_needed);
    END IF;
  END IF;
  IF result <> 'granted' THEN
    RETURN;
  END IF;
  available := available - granted;
  PERFORM bourse_move_accounts(ARRAY[account], ARRAY[0::bigint], ARRAY[granted]);
  IF p_is_limited THEN
    PERFORM bourse_move_windows(ARRAY[p_api_key], ARRAY[today], ARRAY[0::bigint], ARRAY[granted]);
  END IF;
  INSERT INTO lease AS l (id, account_id, api_key_id, window_start, gateway_id, amount_nanodollars, expires_at)
    VALUES (p_id, account, CASE WHEN p_is_limited THEN p_api_key END, CASE WHEN p_is_limited THEN today END, p_gateway, granted,
            clock_timestamp() + p_ttl_ms * interval '1 millisecond')
    ON CONFLICT (id) DO UPDATE SET amount_nanodollars = l.amount_nanodollars + excluded.amount_nanodollars, expires_at = excluded.expires_at;
END $$;

-- Keeps leases of a gateway alive; answers those that are still its own and open.
CREATE FUNCTION bourse_renew_leases(p_ids text[], p_gateway text, p_ttl_ms integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  renewed text[];
BEGIN
  WITH mine AS (
    SELECT l.id FROM lease l WHERE l.id = ANY (p_ids) AND l.gateway_id = p_gateway AND l.state = 'open' ORDER BY l.id FOR NO KEY UPDATE
  ), kept AS (
    UPDATE lease l SET expires_at = clock_timestamp() + p_ttl_ms * interval '1 millisecond' FROM mine m WHERE l.id = m.id RETURNING l.id
  )
  SELECT coalesce(array_agg(k.id), '{}') INTO renewed FROM kept k;
  RETURN renewed;
END $$;

-- Ends open leases under the locks of their accounts: what is left of them is free again.
CREATE FUNCTION bourse_end_leases(p_ids text[], p_state text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ended record;
BEGIN
  PERFORM 1 FROM ledger_account WHERE id IN (SELECT l.account_id FROM lease l WHERE l.id = ANY (p_ids)) ORDER BY id FOR NO KEY UPDATE;
  WITH ended AS (
    UPDATE lease l SET state = p_state, closed_at = clock_timestamp(), recalled_at = NULL
     WHERE l.id = ANY (p_ids) AND l.state = 'open'
    RETURNING l.account_id, l.api_key_id, l.window_start, l.amount_nanodollars - l.used_nanodollars AS rest
  ), by_account AS (
    SELECT e.account_id, -sum(e.rest)::bigint AS rest FROM ended e GROUP BY 1
  )
  SELECT count(*) AS number, array_agg(e.api_key_id) FILTER (WHERE e.api_key_id IS NOT NULL) AS keys,
         array_agg(e.window_start) FILTER (WHERE e.api_key_id IS NOT NULL) AS days,
         array_agg(-e.rest) FILTER (WHERE e.api_key_id IS NOT NULL) AS rests,
         (SELECT array_agg(a.account_id ORDER BY a.account_id) FROM by_account a) AS accounts,
         (SELECT array_agg(a.rest ORDER BY a.account_id) FROM by_account a) AS account_rests
    INTO ended FROM ended e;
  IF ended.number > 0 THEN
    PERFORM bourse_move_accounts(ended.accounts, array_fill(0::bigint, ARRAY[cardinality(ended.accounts)]), ended.account_rests);
  END IF;
  IF ended.keys IS NOT NULL THEN
    PERFORM bourse_move_windows(ended.keys, ended.days, array_fill(0::bigint, ARRAY[cardinality(ended.keys)]), ended.rests);
  END IF;
  RETURN ended.number;
END $$;

-- Gives credit of an own open lease back, or all that is left of it with p_closes. Answers false when the lease is not the gateway's any more.
CREATE FUNCTION bourse_return_lease(p_id text, p_gateway text, p_amount bigint, p_closes boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  mine lease;
BEGIN
  PERFORM 1 FROM ledger_account a WHERE a.id = (SELECT l.account_id FROM lease l WHERE l.id = p_id) FOR NO KEY UPDATE;
  SELECT * INTO mine FROM lease l WHERE l.id = p_id AND l.gateway_id = p_gateway AND l.state = 'open' FOR NO KEY UPDATE;
  IF mine.id IS NULL THEN
    RETURN false;
  END IF;
  IF p_closes THEN
    RETURN bourse_end_leases(ARRAY[p_id], 'closed') = 1;
  END IF;
  IF p_amount < 0 THEN
    RAISE EXCEPTION 'lease % cannot give % back', p_id, p_amount;
  END IF;
  -- Giving back more than there is breaks the check of the table.
  UPDATE lease SET amount_nanodollars = amount_nanodollars - p_amount, recalled_at = NULL WHERE id = p_id;
  PERFORM bourse_move_accounts(ARRAY[mine.account_id], ARRAY[0::bigint], ARRAY[-p_amount]);
  IF mine.api_key_id IS NOT NULL THEN
    PERFORM bourse_move_windows(ARRAY[mine.api_key_id], ARRAY[mine.window_start], ARRAY[0::bigint], ARRAY[-p_amount]);
  END IF;
  RETURN true;
END $$;

-- Asks the other gateways for what they hold of an organization's credits, and gives no new lease of them for two seconds. Answers how
-- many leases are asked for and have not answered.
CREATE FUNCTION bourse_recall_leases(p_organization text, p_gateway text, p_asks boolean) RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  account text := 'org:' || p_organization || ':credits';
  waiting integer;
BEGIN
  IF p_asks THEN
    UPDATE ledger_account SET leases_paused_until = clock_timestamp() + interval '2 seconds' WHERE id = account;
    UPDATE lease l SET recalled_at = clock_timestamp()
     WHERE l.account_id = account AND l.state = 'open' AND l.gateway_id <> p_gateway AND l.amount_nanodollars > l.used_nanodollars
       AND l.recalled_at IS NULL;
    IF FOUND THEN
      PERFORM pg_notify('bourse_invalidate', 'lease:' || p_organization);
    END IF;
  END IF;
  SELECT count(*) INTO waiting FROM lease l
   WHERE l.account_id = account AND l.state = 'open' AND l.gateway_id <> p_gateway AND l.recalled_at IS NOT NULL
     AND l.expires_at > clock_timestamp();
  RETURN waiting;
END $$;

-- Takes leases away from gateways that did not renew them for p_grace_ms beyond their end, at most p_limit. Whatever such a gateway still
-- settles later is charged without a lease.
CREATE FUNCTION bourse_fence_leases(p_grace_ms integer, p_limit integer) RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  due text[];
BEGIN
  SELECT array_agg(d.id) INTO due
    FROM (SELECT l.id FROM lease l WHERE l.state = 'open' AND l.expires_at < clock_timestamp() - p_grace_ms * interval '1 millisecond'
           LIMIT p_limit) d;
  IF due IS NULL THEN
    RETURN 0;
  END IF;
  -- Some may be renewed while we wait for the locks.
  PERFORM 1 FROM ledger_account WHERE id IN (SELECT l.account_id FROM lease l WHERE l.id = ANY (due)) ORDER BY id FOR NO KEY UPDATE;
  due := ARRAY(SELECT l.id FROM lease l WHERE l.id = ANY (due) AND l.state = 'open'
                  AND l.expires_at < clock_timestamp() - p_grace_ms * interval '1 millisecond' FOR NO KEY UPDATE);
  RETURN bourse_end_leases(due, 'fenced');
END $$;

-- After the spool of a dead gateway was settled: nothing of it can follow, so what it held is free again.
CREATE FUNCTION bourse_bury_gateway(p_gateway text, OUT leases integer, OUT holds integer) LANGUAGE plpgsql AS $$
DECLARE
  left_holds text[];
BEGIN
  leases := bourse_end_leases(ARRAY(SELECT l.id FROM lease l WHERE l.gateway_id = p_gateway AND l.state = 'open'), 'fenced');
  PERFORM 1 FROM ledger_account WHERE id IN (SELECT h.account_id FROM hold h WHERE h.state = 'held' AND h.gateway_id = p_gateway)
    ORDER BY id FOR NO KEY UPDATE;
  left_holds := ARRAY(SELECT h.id FROM hold h WHERE h.state = 'held' AND h.gateway_id = p_gateway);
  PERFORM bourse_end_holds(left_holds, 'voided');
  holds := cardinality(left_holds);
  UPDATE gateway SET stopped_at = coalesce(stopped_at, clock_timestamp()), spool_pending = 0, spool_oldest_ms = 0 WHERE id = p_gateway;
END $$;

-- Charges a batch of 1..64 generations of the given organizations to the leases that they were admitted on, in one statement after the
-- lock. p_items is a JSON array of records (members as in the contract's GenerationRecord) with the members charge, cost, lease, day and provider beside.
-- results, in order: settled | duplicate (recorded before, whatever was charged then) | unleased (nothing done: the lease is not open, or has
-- not enough left; small charges come first, so that one that is larger than its bound starves nobody).
CREATE FUNCTION bourse_settle_leased(p_organizations text[], p_items json, OUT results text[]) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
  -- An item of another organization than those is not locked, so it is not settled.
  PERFORM 1 FROM ledger_account WHERE id = ANY (ARRAY(SELECT DISTINCT 'org:' || u || ':credits' FROM unnest(p_organizations) u))
    ORDER BY id FOR NO KEY UPDATE;
  WITH item AS MATERIALIZED (
    SELECT r.*, 'org:' || r."organizationId" || ':credits' AS account_id, 'provider:' || r.provider || ':payable' AS payable
      FROM ROWS FROM (json_to_recordset(p_items) AS (
        charge bigint, cost bigint, lease text, day date, provider text,
        id text, "organizationId" text, "apiKeyId" text, "appId" integer, "requestId" text, "modelRequested" text, "modelSlug" text,
        "providerSlug" text, "endpointId" text, "upstreamId" text, "isStreamed" boolean, "isCancelled" boolean, "end" text,
        "finishReason" text, "nativeFinishReason" text, usage jsonb, "inputTokens" integer, "outputTokens" integer,
        "reasoningTokens" integer, "cachedTokens" integer, basis text, flags text[], receipt jsonb, attempts jsonb,
        "latencyMs" integer, "generationMs" integer, "httpReferer" text, origin text, "userAgent" text, "endUser" text,
        "sessionId" text, "isDemo" boolean, "errorCode" text, "createdAt" timestamptz)) WITH ORDINALITY
        AS r (charge, cost, lease, day, provider, id, "organizationId", "apiKeyId", "appId", "requestId", "modelRequested", "modelSlug",
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
    SELECT j.*, CASE WHEN j.charge <> 0 OR j.cost <> 0 THEN nextval('ledger_transaction_id_seq') END AS transaction_id
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
    UPDATE ledger_account a SET posted_nanodollars = a.posted_nanodollars - d.charge, held_nanodollars = a.held_nanodollars - d.charge
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
    INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
      SELECT d.transaction_id, v.line, v.account_id, v.amount
        FROM done d
        CROSS JOIN LATERAL (VALUES
          (1, d.account_id, -d.charge),
          (2, d.payable, d.cost),
          (3, CASE WHEN d.charge < d.cost THEN 'house:insured_loss' ELSE 'house:revenue' END, d.charge - d.cost)) AS v (line, account_id, amount)
       WHERE v.amount <> 0
  )
  SELECT array_agg(CASE WHEN j.is_known THEN 'duplicate' WHEN j.fits THEN 'settled' ELSE 'unleased' END ORDER BY j.position)
    INTO results FROM judged j;
END $$;

-- Charges no longer share a call with reserves: they come in batches of their own, after the answer.
DROP FUNCTION bourse_settle_and_reserve;
