import { AppError, invariant } from '@bourse/errors';
import { isJsonObject, type JsonObject, meters, type Usage } from '@bourse/generation';
import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import type { Pool } from 'pg';
import type { Connection } from '../connection.ts';
import type {
  ActivityRow,
  GenerationDetail,
  GenerationEnd,
  GenerationFilters,
  GenerationSort,
  GenerationStore,
  GenerationSummary,
  Page,
  PageRequest,
  Receipt,
  ReceiptLine,
  StoredGeneration,
  UsageBasis,
} from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';

interface GenerationRow {
  readonly id: string;
  readonly organization_id: string;
  readonly api_key_id: string;
  readonly app_id: number | null;
  readonly app_title: string | null;
  readonly app_url: string | null;
  readonly request_id: string;
  readonly model_requested: string;
  readonly model_slug: string;
  readonly provider_slug: string | null;
  readonly endpoint_id: string | null;
  readonly upstream_id: string | null;
  readonly is_streamed: boolean;
  readonly is_cancelled: boolean;
  readonly end: GenerationEnd;
  readonly finish_reason: StoredGeneration['finishReason'];
  readonly native_finish_reason: string | null;
  readonly usage: unknown;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly cached_tokens: number;
  readonly charge_nanodollars: string;
  readonly cost_nanodollars: string;
  readonly basis: UsageBasis;
  readonly flags: string[];
  readonly receipt: unknown;
  readonly attempts: unknown;
  readonly latency_ms: number | null;
  readonly generation_ms: number | null;
  readonly http_referer: string | null;
  readonly origin: string | null;
  readonly user_agent: string | null;
  readonly end_user: string | null;
  readonly session_id: string | null;
  readonly is_demo: boolean;
  readonly error_code: string | null;
  readonly created_at: Date;
  readonly recorded_at: Date;
}

function usageOf(value: unknown): Usage {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    meters.flatMap((meter) => (typeof value[meter] === 'number' ? [[meter, value[meter]]] : [])),
  );
}

function receiptLineOf(value: unknown): ReceiptLine {
  invariant(isJsonObject(value), 'a stored receipt line is not an object');
  const meter = meters.find((known) => known === value['meter']);
  const { quantity, price } = value;
  invariant(
    meter !== undefined && typeof quantity === 'number' && typeof price === 'string',
    'a stored receipt line is malformed',
  );
  return { meter, quantity, price: picodollarsPerUnit(BigInt(price)) };
}

function receiptOf(value: unknown): Receipt | null {
  if (!isJsonObject(value)) return null;
  const { lines, priceSheetId, markupBps, rounding } = value;
  invariant(Array.isArray(lines) && typeof priceSheetId === 'string', 'a stored receipt is malformed');
  invariant(typeof markupBps === 'number' && typeof rounding === 'string', 'a stored receipt is malformed');
  return { lines: lines.map(receiptLineOf), priceSheetId, markupBps, rounding };
}

function countsOf(row: GenerationRow) {
  return {
    usage: usageOf(row.usage),
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    cachedTokens: row.cached_tokens,
    charge: nanodollars(BigInt(row.charge_nanodollars)),
    cost: nanodollars(BigInt(row.cost_nanodollars)),
    basis: row.basis,
    flags: row.flags,
    receipt: receiptOf(row.receipt),
    attempts: Array.isArray(row.attempts)
      ? row.attempts.filter((attempt): attempt is JsonObject => isJsonObject(attempt))
      : [],
    latencyMs: row.latency_ms,
    generationMs: row.generation_ms,
  };
}

function generationOf(row: GenerationRow): StoredGeneration {
  return {
    ...countsOf(row),
    id: row.id,
    organizationId: row.organization_id,
    apiKeyId: row.api_key_id,
    appId: row.app_id,
    appTitle: row.app_title,
    appUrl: row.app_url,
    requestId: row.request_id,
    modelRequested: row.model_requested,
    modelSlug: row.model_slug,
    providerSlug: row.provider_slug,
    endpointId: row.endpoint_id,
    upstreamId: row.upstream_id,
    isStreamed: row.is_streamed,
    isCancelled: row.is_cancelled,
    end: row.end,
    finishReason: row.finish_reason,
    nativeFinishReason: row.native_finish_reason,
    httpReferer: row.http_referer,
    origin: row.origin,
    userAgent: row.user_agent,
    endUser: row.end_user,
    sessionId: row.session_id,
    isDemo: row.is_demo,
    errorCode: row.error_code,
    createdAt: row.created_at,
    recordedAt: row.recorded_at,
  };
}

interface DetailRow extends GenerationRow {
  readonly lease_id: string | null;
  readonly paid: string;
  readonly promo: string;
  readonly overrun: string;
  readonly refunded: string;
  readonly source_url: string | null;
  readonly checked_on: string | null;
  readonly effective_from: Date | null;
}

function detailOf(row: DetailRow): GenerationDetail {
  const { source_url: sourceUrl, checked_on: checkedOn, effective_from: effectiveFrom } = row;
  const isPriced = sourceUrl !== null && checkedOn !== null && effectiveFrom !== null;
  return {
    ...generationOf(row),
    leaseId: row.lease_id,
    payment: {
      paid: nanodollars(BigInt(row.paid)),
      promo: nanodollars(BigInt(row.promo)),
      overrun: nanodollars(BigInt(row.overrun)),
      refunded: nanodollars(BigInt(row.refunded)),
    },
    priceOrigin: isPriced ? { sourceUrl, checkedOn, effectiveFrom } : null,
  };
}

/** The generation, what the ledger says of its charge, and where its prices come from: a few rows by their indexes. */
const DETAIL = `
  SELECT g.*, a.title AS app_title, a.url AS app_url, l.paid, l.promo, l.overrun, l.refunded,
         s.source_url, s.checked_on::text AS checked_on, s.effective_from
    FROM generation g
    LEFT JOIN app a ON a.id = g.app_id
    LEFT JOIN price_sheet s ON s.id = g.receipt ->> 'priceSheetId'
   CROSS JOIN LATERAL (
     SELECT coalesce(-sum(e.amount_nanodollars) FILTER (WHERE u.kind = 'usage' AND e.account_id = o.credits), 0) AS paid,
            coalesce(-sum(e.amount_nanodollars) FILTER (WHERE u.kind = 'usage' AND e.account_id = o.promo), 0) AS promo,
            coalesce(-sum(e.amount_nanodollars) FILTER (WHERE e.account_id = 'house:overrun_loss'), 0) AS overrun,
            coalesce(sum(e.amount_nanodollars) FILTER (WHERE u.kind = 'refund' AND e.account_id IN (o.credits, o.promo)), 0) AS refunded
       FROM (SELECT id, kind FROM ledger_transaction WHERE idempotency_key = 'gen:' || g.id
             UNION ALL SELECT id, kind FROM ledger_transaction WHERE kind = 'refund' AND reference = g.id) u
       JOIN ledger_entry e ON e.transaction_id = u.id
      CROSS JOIN (SELECT 'org:' || g.organization_id || ':credits' AS credits, 'org:' || g.organization_id || ':promo' AS promo) o) l
   WHERE g.id = $1 AND g.organization_id = $2`;

const SELECT = `SELECT g.*, a.title AS app_title, a.url AS app_url FROM generation g LEFT JOIN app a ON a.id = g.app_id`;

/** The value of each sort as text, and its direction; ties are broken by id in the same direction. */
const SORTS: Readonly<
  Record<GenerationSort, { readonly column: string; readonly type: string; readonly isAscending: boolean }>
> = {
  newest: { column: 'g.created_at', type: 'timestamptz', isAscending: false },
  oldest: { column: 'g.created_at', type: 'timestamptz', isAscending: true },
  charge: { column: 'g.charge_nanodollars', type: 'bigint', isAscending: false },
  tokens: { column: '(g.input_tokens + g.output_tokens)', type: 'bigint', isAscending: false },
};

/** SQL conditions and their values; every value is a parameter. The organization is always the first. */
function conditionsOf(
  organizationId: string,
  filters: GenerationFilters = {},
): { readonly where: string; readonly values: unknown[] } {
  const values: unknown[] = [organizationId];
  const conditions = ['g.organization_id = $1'];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  };
  add('g.api_key_id =', filters.apiKeyId);
  add('g.model_slug =', filters.modelSlug);
  add('g.provider_slug =', filters.providerSlug);
  add('g.app_id =', filters.appId);
  add('g."end" =', filters.end);
  add('g.created_at >=', filters.from);
  add('g.created_at <', filters.to);
  return { where: conditions.join(' AND '), values };
}

interface Cursor {
  readonly value: string;
  readonly id: string;
}

function encodeCursor(sort: GenerationSort, row: GenerationRow & { readonly sort_value: string }): string {
  return Buffer.from(JSON.stringify([sort, row.sort_value, row.id])).toString('base64url');
}

function badCursor(): never {
  throw new AppError('invalid_request', 'The cursor is not one of this list.', { metadata: { path: 'cursor' } });
}

const CURSOR_VALUE = /^[\d :.+TZ-]{1,40}$/;

function decodeCursor(sort: GenerationSort, text: string): Cursor {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    // Somebody's invention; said as such below.
    return badCursor();
  }
  if (!Array.isArray(parsed)) return badCursor();
  const [kind, value, id]: unknown[] = parsed;
  if (kind !== sort || typeof value !== 'string' || typeof id !== 'string' || !CURSOR_VALUE.test(value))
    return badCursor();
  return { value, id };
}

type ListQuery = Parameters<GenerationStore['list']>[0];

async function list(pool: Pool, query: ListQuery): Promise<Page<StoredGeneration>> {
  const sort = query.sort ?? 'newest';
  const { column, type, isAscending } = SORTS[sort];
  const { where, values } = conditionsOf(query.organizationId, query.filters);
  const limit = limitOf(query.page);
  let after = '';
  if (query.page.cursor !== undefined) {
    const cursor = decodeCursor(sort, query.page.cursor);
    values.push(cursor.value, cursor.id);
    after = ` AND (${column}, g.id) ${isAscending ? '>' : '<'} ($${values.length - 1}::${type}, $${values.length})`;
  }
  values.push(limit + 1);
  const direction = isAscending ? 'ASC' : 'DESC';
  const { rows } = await pool.query<GenerationRow & { sort_value: string }>(
    `${SELECT.replace('g.*', `g.*, ${column}::text AS sort_value`)} WHERE ${where}${after}
     ORDER BY ${column} ${direction}, g.id ${direction} LIMIT $${values.length}`,
    values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(generationOf),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(sort, last) : null,
  };
}

function limitOf(page: PageRequest): number {
  return Math.min(Math.max(Math.trunc(page.limit), 1), 500);
}

const SUMS = `count(*) AS requests, coalesce(sum(g.input_tokens), 0) AS input, coalesce(sum(g.output_tokens), 0) AS output,
  coalesce(sum(g.reasoning_tokens), 0) AS reasoning, coalesce(sum(g.charge_nanodollars), 0) AS charge`;

interface SumRow {
  readonly requests: string;
  readonly input: string;
  readonly output: string;
  readonly reasoning: string;
  readonly charge: string;
}

function summaryOf(row: SumRow | undefined): GenerationSummary {
  return {
    requests: Number(row?.requests ?? 0),
    inputTokens: Number(row?.input ?? 0),
    outputTokens: Number(row?.output ?? 0),
    reasoningTokens: Number(row?.reasoning ?? 0),
    charge: nanodollars(BigInt(row?.charge ?? 0)),
  };
}

type SummaryQuery = Parameters<GenerationStore['summary']>[0];

async function activity(pool: Pool, query: SummaryQuery): Promise<readonly ActivityRow[]> {
  const { where, values } = conditionsOf(query.organizationId, query.filters);
  const { rows } = await pool.query<
    SumRow & { date: string; model: string; provider: string | null; endpoint: string | null }
  >(
    `SELECT to_char(g.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS date, g.model_slug AS model, g.provider_slug AS provider,
            g.endpoint_id AS endpoint, ${SUMS}
       FROM generation g WHERE ${where} GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3, 4`,
    values,
  );
  return rows.map((row) => ({
    ...summaryOf(row),
    date: row.date,
    modelSlug: row.model,
    providerSlug: row.provider,
    endpointId: row.endpoint,
  }));
}

/** Reads of generations, within one organization each. */
export function createGenerationStore({ pool }: Pick<Connection, 'pool'>): GenerationStore {
  return withDatabaseErrors<GenerationStore>({
    async find({ id, organizationId }) {
      const { rows } = await pool.query<DetailRow>({
        name: 'bourse_find_generation',
        text: DETAIL,
        values: [id, organizationId],
      });
      return rows[0] === undefined ? null : detailOf(rows[0]);
    },
    list: (query) => list(pool, query),
    async summary(query) {
      const { where, values } = conditionsOf(query.organizationId, query.filters);
      const { rows } = await pool.query<SumRow>(`SELECT ${SUMS} FROM generation g WHERE ${where}`, values);
      return summaryOf(rows[0]);
    },
    activity: (query) => activity(pool, query),
  });
}
