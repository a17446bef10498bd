-- What a gateway has to settle and to reserve at the same moment, in one round trip and one transaction. All accounts are locked first,
-- in id order: each part would lock its own in order, but the second part after the first would break the order of the whole.
-- Settles come first, so that what they give back can be reserved. Each item is decided by itself, as in the two functions.
CREATE FUNCTION bourse_settle_and_reserve(
  s_ids text[], s_organizations text[], s_api_keys text[], s_charges bigint[], s_costs bigint[], s_providers text[], s_records jsonb,
  r_ids text[], r_organizations text[], r_api_keys text[], r_amounts bigint[], r_ttls_ms integer[], r_gateways text[],
  OUT settled text[], OUT charged bigint[], OUT reserved text[], OUT amounts bigint[]
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  PERFORM 1 FROM ledger_account WHERE organization_id = ANY (s_organizations || r_organizations) ORDER BY id FOR NO KEY UPDATE;
  SELECT s.results, s.charged INTO settled, charged
    FROM bourse_settle(s_ids, s_organizations, s_api_keys, s_charges, s_costs, s_providers, s_records) s;
  SELECT r.results, r.amounts INTO reserved, amounts
    FROM bourse_reserve(r_ids, r_organizations, r_api_keys, r_amounts, r_ttls_ms, r_gateways) r;
END $$;
