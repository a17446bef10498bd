import type { Scan } from './promises.ts';

/**
 * Every charge computed again from its receipt, in whole numbers: the sum of quantity times price, plus markup, rounded up once. A charge that was
 * capped by a promise, or clamped to the credits, may be less; with the customer's own provider key it is the markup alone. The sheet of the
 * receipt must have been in force when the request came in, by the gateway's clock and catalog, for which two minutes are allowed. The demo's
 * history was made up after the fact, so only its arithmetic is looked at. What a plugin costs is on no sheet.
 */
export const priceScan: Scan = {
  about: ['prices', 'sheets'],
  sql: `
    SELECT v.promise, v.example
      FROM (
        SELECT g.id, g.charge_nanodollars AS charge, g.receipt ->> 'priceSheetId' AS sheet_id, x.expected,
               CASE WHEN g.receipt IS NULL OR x.expected IS NULL THEN g.charge_nanodollars <> 0
                    WHEN g.flags && '{capped,clamped}' THEN g.charge_nanodollars > x.expected
                    ELSE g.charge_nanodollars <> x.expected END AS is_drifted,
               g.receipt IS NOT NULL AND NOT g.is_demo
                 AND NOT coalesce(s.endpoint_id = g.endpoint_id AND x.is_listed AND g.created_at >= s.effective_from - interval '2 minutes'
                                  AND (s.effective_to IS NULL OR g.created_at < s.effective_to + interval '2 minutes'), false) AS is_strange
          FROM generation g
          LEFT JOIN (SELECT id, endpoint_id, effective_from, effective_to,
                            ARRAY(SELECT l ->> 'price' FROM jsonb_array_elements(lines) l) AS prices FROM price_sheet) s
            ON s.id = g.receipt ->> 'priceSheetId'
         CROSS JOIN LATERAL (
           SELECT CASE WHEN 'byok' = ANY (g.flags) THEN y.marked_up - div(y.total + 999, 1000) ELSE y.marked_up END AS expected, y.is_listed
             FROM (SELECT coalesce(sum(l.quantity * l.price::numeric), 0) AS total, coalesce(bool_and(l.price = ANY (s.prices) OR l.meter = 'plugin_web'), true) AS is_listed,
                          div(coalesce(sum(l.quantity * l.price::numeric), 0) * (10000 + (g.receipt ->> 'markupBps')::integer) + 9999999, 10000000)
                            AS marked_up
                     FROM jsonb_to_recordset(g.receipt -> 'lines') AS l (meter text, quantity numeric, price text)) y) x) b
     CROSS JOIN LATERAL (VALUES
       ('prices', b.is_drifted, format('%s was charged %s, its receipt comes to %s', b.id, b.charge, b.expected)),
       ('sheets', b.is_strange, format('%s: the prices of %s were not in force', b.id, b.sheet_id))) AS v (promise, is_broken, example)
     WHERE (b.is_drifted OR b.is_strange) AND v.is_broken`,
};
