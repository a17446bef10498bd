import type { Client } from 'pg';

// Books of about a million entries, made by SQL and right in every respect: half of the charges were paid from leases, half from holds.

/** Three entries each. */
const GENERATIONS = 333_334;
const ORGANIZATIONS = 200;
const KEYS_PER_ORGANIZATION = 5;
const DAYS = 60;
const LEASE_GENERATIONS = 400;
const GRANT = 1_000_000_000_000;
const MARKUP_BPS = 500;

/** Generation number `n` belongs to a key, to a day, and to a lease or a hold. What it costs follows from its tokens, as a receipt says. */
const SETUP = `
  SET session_replication_role = replica;
  SET synchronous_commit = off;
  INSERT INTO organization (id, name) SELECT 'org_' || o, 'Organization ' || o FROM generate_series(1, ${ORGANIZATIONS}) o;
  INSERT INTO api_key (id, organization_id, kind, name, hash, label, updated_at)
    SELECT 'key_' || k, 'org_' || (k % ${ORGANIZATIONS} + 1), 'inference', 'bench', encode(sha256(k::text::bytea), 'hex'), 'sk', now()
      FROM generate_series(1, ${ORGANIZATIONS * KEYS_PER_ORGANIZATION}) k;
  UPDATE price_sheet SET effective_from = now() - interval '1 year';

  CREATE TEMPORARY TABLE planned AS
    SELECT p.n, 'gen-bench-' || lpad(p.n::text, 12, '0') AS id, p.key, 'org_' || (p.key % ${ORGANIZATIONS} + 1) AS organization_id, p.is_leased,
           p.input, p.output, e.id AS endpoint_id, e.model_slug, e.provider_slug, s.id AS sheet_id, i.price AS input_price, o.price AS output_price,
           now() - (${DAYS} * interval '1 day') * (1 - p.n::double precision / ${GENERATIONS}) AS created_at,
           div((p.input * i.price + p.output * o.price) * ${10_000 + MARKUP_BPS} + 9999999, 10000000)::bigint AS charge,
           div(p.input * i.price + p.output * o.price + 999, 1000)::bigint AS cost
      FROM (SELECT n, n % ${ORGANIZATIONS * KEYS_PER_ORGANIZATION} + 1 AS key, n % 2 = 0 AS is_leased, (100 + n % 3000)::numeric AS input,
                   (20 + n % 700)::numeric AS output
              FROM generate_series(1, ${GENERATIONS}) n) p
      JOIN (SELECT e.*, row_number() OVER (ORDER BY e.id) - 1 AS place, count(*) OVER () AS number
              FROM endpoint e JOIN price_sheet s ON s.endpoint_id = e.id AND s.effective_to IS NULL
             WHERE jsonb_path_exists(s.lines, '$[*] ? (@.meter == "input" && @.aboveInputTokens == 0 && @.price != "0")')
               AND jsonb_path_exists(s.lines, '$[*] ? (@.meter == "output" && @.aboveInputTokens == 0)')) e ON e.place = p.n % e.number
      JOIN price_sheet s ON s.endpoint_id = e.id AND s.effective_to IS NULL
      CROSS JOIN LATERAL (SELECT (l ->> 'price')::numeric AS price FROM jsonb_array_elements(s.lines) l
                           WHERE l ->> 'meter' = 'input' AND l ->> 'aboveInputTokens' = '0' LIMIT 1) i
      CROSS JOIN LATERAL (SELECT (l ->> 'price')::numeric AS price FROM jsonb_array_elements(s.lines) l
                           WHERE l ->> 'meter' = 'output' AND l ->> 'aboveInputTokens' = '0' LIMIT 1) o;

  INSERT INTO generation (id, organization_id, api_key_id, request_id, model_requested, model_slug, provider_slug, endpoint_id, upstream_id,
    is_streamed, is_cancelled, "end", finish_reason, native_finish_reason, usage, input_tokens, output_tokens, reasoning_tokens, cached_tokens,
    charge_nanodollars, cost_nanodollars, basis, flags, receipt, attempts, latency_ms, generation_ms, user_agent, is_demo, created_at, recorded_at,
    lease_id, charged_on)
    SELECT id, organization_id, 'key_' || key, 'req_' || n, model_slug, model_slug, provider_slug, endpoint_id, 'chatcmpl-' || n,
           true, false, 'finished', 'stop', 'stop', jsonb_build_object('input', input, 'output', output, 'request', 1), input, output, 0, 0,
           charge, cost, 'reported', '{}',
           jsonb_build_object('lines', jsonb_build_array(
             jsonb_build_object('meter', 'input', 'quantity', input, 'price', input_price::text),
             jsonb_build_object('meter', 'output', 'quantity', output, 'price', output_price::text)),
             'priceSheetId', sheet_id, 'markupBps', ${MARKUP_BPS}, 'rounding', 'ceil-nanodollar-once'),
           jsonb_build_array(jsonb_build_object('endpointId', endpoint_id, 'providerSlug', provider_slug, 'status', 200, 'outcome', 'answered')),
           300, 900, 'bench', false, created_at, created_at,
           CASE WHEN is_leased THEN 'lse_' || key || '_' || n / ${LEASE_GENERATIONS * ORGANIZATIONS * KEYS_PER_ORGANIZATION} END,
           CASE WHEN is_leased THEN (created_at AT TIME ZONE 'UTC')::date END
      FROM planned ORDER BY n;
  INSERT INTO lease (id, account_id, gateway_id, amount_nanodollars, used_nanodollars, state, expires_at, closed_at)
    SELECT lease_id, 'org:' || min(organization_id) || ':credits', 'gw_bench', sum(charge_nanodollars), sum(charge_nanodollars), 'closed', now(), now()
      FROM generation WHERE lease_id IS NOT NULL GROUP BY lease_id;
  INSERT INTO hold (id, account_id, api_key_id, window_start, amount_nanodollars, state, settled_nanodollars, gateway_id, expires_at, created_at,
    resolved_at)
    SELECT id, 'org:' || organization_id || ':credits', 'key_' || key, (created_at AT TIME ZONE 'UTC')::date, charge * 2, 'settled', charge, 'gw_bench',
           created_at + interval '16 minutes', created_at, created_at
      FROM planned WHERE NOT is_leased ORDER BY n;
  INSERT INTO key_window (api_key_id, window_start, used_nanodollars)
    SELECT 'key_' || key, (created_at AT TIME ZONE 'UTC')::date, sum(charge) FROM planned GROUP BY 1, 2;

  INSERT INTO ledger_account (id, kind) SELECT DISTINCT 'provider:' || provider_slug || ':payable', 'payable' FROM planned;
  INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, actor)
    SELECT 'credits:' || o, '', 'adjustment', 'bench', 'bench' FROM generate_series(1, ${ORGANIZATIONS}) o;
  INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, flags, actor, created_at)
    SELECT 'gen:' || id, charge || ':' || cost, 'usage', id, '{}', 'gateway', created_at FROM planned ORDER BY n;
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT t.id, v.line, v.account_id, v.amount
      FROM ledger_transaction t
      LEFT JOIN planned p ON p.id = t.reference
      CROSS JOIN LATERAL (VALUES
        (1, CASE WHEN p.id IS NULL THEN 'house:refunds' ELSE 'org:' || p.organization_id || ':credits' END, -coalesce(p.charge, ${GRANT})),
        (2, CASE WHEN p.id IS NULL THEN 'org:org_' || split_part(t.idempotency_key, ':', 2) || ':credits'
                 ELSE 'provider:' || p.provider_slug || ':payable' END, coalesce(p.cost, ${GRANT})),
        (3, 'house:revenue', p.charge - p.cost)) AS v (line, account_id, amount)
     WHERE v.amount <> 0 ORDER BY t.id, v.line;
  INSERT INTO ledger_account (id, kind, organization_id, posted_nanodollars)
    SELECT 'org:' || o.id || ':credits', 'credits', o.id, e.amount
      FROM organization o
      JOIN (SELECT account_id, sum(amount_nanodollars) AS amount FROM ledger_entry GROUP BY 1) e ON e.account_id = 'org:' || o.id || ':credits';
  DROP TABLE planned;
  SET session_replication_role = DEFAULT`;

/** Fills a migrated database that has a catalog and nothing else. Answers the number of entries. */
export async function makeMillionEntries(client: Client): Promise<number> {
  await client.query(SETUP);
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
  const { rows } = await client.query<{ entries: string }>('SELECT count(*) AS entries FROM ledger_entry');
  return Number(rows[0]?.entries ?? 0);
}
