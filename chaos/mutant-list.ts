import type { SourceEdit, SqlEdit } from './hooks/source-edit.ts';
import { upstreamMutants } from './upstream/upstream-mutants.ts';

/** A mistake that somebody could make, put into the product on purpose. */
export interface Mutant {
  readonly name: string;
  readonly says: string;
  /** The check that has to turn red. */
  readonly check: string;
  readonly source?: readonly SourceEdit[];
  readonly sql?: readonly SqlEdit[];
}

const BOOKS = 'apps/gateway/src/books/books.ts';
const LEASES = 'apps/gateway/src/books/credit-leases.ts';
const SEGMENT = 'apps/gateway/src/books/segment.ts';
const OPEN = 'apps/gateway/src/books/open-books.ts';
const RESERVE = 'apps/gateway/src/generate/reserve.ts';
const CHARGE = 'packages/money/src/charge-total.ts';
const MIGRATE = 'packages/db/src/migrate.ts';
const PAYMENTS = 'packages/db/src/queries/payments.ts';
const USAGE = 'packages/wire/src/openai-chat/usage.ts';

/** The last guard of an account, which stands behind those of reserve and lease: a mutant of them is none while it holds. */
const unguardedAccount: SqlEdit = {
  function: 'bourse_move_accounts',
  find: '>= a.held_nanodollars + p_held[array_position(p_ids, a.id)] + a.floor_nanodollars',
  replace: 'IS NOT NULL',
};

const atSpool: readonly Mutant[] = [
  {
    name: 'terminal-before-spool',
    says: 'the last chunk does not wait for the disk',
    check: 'terminal-after-spool',
    source: [
      {
        file: BOOKS,
        find: 'const record = await this.#spool(written);',
        replace: 'const record = null; void this.#spool(written);',
      },
      {
        file: BOOKS,
        find: 'if (record === null) await within(booked, DIRECT_PATIENCE_MS, null);',
        replace: 'if (record === null) void booked;',
      },
    ],
  },
  {
    name: 'no-checksum',
    says: 'replay takes a record without looking at its checksum',
    check: 'torn-record',
    source: [
      {
        file: SEGMENT,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the product's own text
        find: 'if (frameRecord(text) === `${line}\\n`) texts.push(text);',
        replace: 'if (text.length > 0) texts.push(text);',
      },
    ],
  },
  {
    name: 'acknowledged-early',
    says: 'a record is done with before its settle is committed',
    check: 'spool-outlives-settle',
    source: [
      {
        file: BOOKS,
        find: 'if (record !== null) this.#parts.spool.acknowledge(record);\n    return outcome;',
        replace: 'return outcome;',
      },
      {
        file: BOOKS,
        find: 'const booked = this.#book(written, slice, record);',
        replace:
          'if (record !== null) this.#parts.spool.acknowledge(record); const booked = this.#book(written, slice, record);',
      },
    ],
  },
  {
    name: 'unspooled-unnoticed',
    says: 'a charge that found no room on the disk is not waited for',
    check: 'full-disk',
    source: [
      {
        file: BOOKS,
        find: 'if (record === null) await within(booked, DIRECT_PATIENCE_MS, null);',
        replace: 'if (record === null) void booked;',
      },
    ],
  },
  {
    name: 'admits-on-full-disk',
    says: 'requests are admitted whose charges cannot be written down',
    check: 'full-disk',
    source: [{ file: RESERVE, find: 'if (deps.books.isOpen) return;', replace: 'return;' }],
  },
  {
    name: 'adopts-before-signing',
    says: 'a gateway takes the spools of dead ones before its own says that it lives',
    check: 'adopters-apart',
    source: [
      { file: OPEN, find: '  await signSpool(directory, gatewayId);\n', replace: '' },
      {
        file: OPEN,
        find: '  await adoptSpools(adoption);\n',
        replace: '  await adoptSpools(adoption);\n  await signSpool(directory, gatewayId);\n',
      },
    ],
  },
];

const atSettle: readonly Mutant[] = [
  {
    name: 'leased-without-fences',
    says: 'both fences against a second charge are gone, on leases',
    check: 'replay-once',
    sql: [
      {
        function: 'bourse_settle_leased',
        find: 'SELECT i.*, g.id IS NOT NULL AS is_known',
        replace: 'SELECT i.*, false AS is_known',
      },
      {
        function: 'bourse_settle_leased',
        find: 'CASE WHEN g.id IS NULL THEN i.charge ELSE 0 END',
        replace: 'i.charge',
      },
      {
        function: 'bourse_settle_leased',
        find: '      FROM done d\n  ), accounts',
        replace: '      FROM done d ON CONFLICT (id) DO NOTHING\n  ), accounts',
      },
      {
        function: 'bourse_settle_leased',
        find: "SELECT d.transaction_id, 'gen:' || d.id,",
        replace: "SELECT d.transaction_id, 'gen:' || d.id || ':' || d.transaction_id,",
      },
    ],
  },
  {
    name: 'held-without-fences',
    says: 'all fences against a second charge are gone, on holds: what is known of it, the key of its transaction, the guards of states',
    check: 'replay-once',
    sql: [
      { function: 'bourse_settle', find: "WHEN item.state = 'settled' THEN", replace: 'WHEN false THEN' },
      { function: 'bourse_settle', find: 'WHEN item.is_booked THEN', replace: 'WHEN false THEN' },
      {
        function: 'bourse_refuse_transition',
        find: "RAISE EXCEPTION 'impossible transition: %', change USING ERRCODE = 'BRS01';",
        replace: 'RETURN NEW;',
      },
      {
        function: 'bourse_settle',
        find: "SELECT u.new_id, 'gen:' || u.id,",
        replace: "SELECT u.new_id, 'gen:' || u.id || ':' || u.new_id,",
      },
    ],
  },
  {
    name: 'late-is-duplicate',
    says: 'a charge that comes after its hold expired is taken for one that was paid',
    check: 'expiry',
    sql: [
      {
        function: 'bourse_settle',
        find: "WHEN item.state = 'settled' THEN",
        replace: "WHEN item.state <> 'held' THEN",
      },
    ],
  },
  {
    name: 'expiry-charges',
    says: 'a hold that expires is charged instead of given back',
    check: 'expiry',
    sql: [
      {
        function: 'bourse_expire_holds',
        find: "  PERFORM bourse_end_holds(due, 'expired');",
        replace: `  WITH paid AS (
    UPDATE hold SET state = 'settled', settled_nanodollars = amount_nanodollars, resolved_at = clock_timestamp()
     WHERE id = ANY (due) RETURNING id, account_id, api_key_id, window_start, amount_nanodollars AS amount
  ), accounts AS (
    UPDATE ledger_account a SET posted_nanodollars = a.posted_nanodollars - p.amount, held_nanodollars = a.held_nanodollars - p.amount
      FROM (SELECT account_id, sum(amount)::bigint AS amount FROM paid GROUP BY 1) p WHERE a.id = p.account_id
  ), windows AS (
    UPDATE key_window w SET used_nanodollars = w.used_nanodollars + p.amount, held_nanodollars = w.held_nanodollars - p.amount
      FROM (SELECT api_key_id, window_start, sum(amount)::bigint AS amount FROM paid GROUP BY 1, 2) p
     WHERE w.api_key_id = p.api_key_id AND w.window_start = p.window_start
  ), transactions AS (
    INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, flags, actor)
      SELECT 'gen:' || id, 'expired', 'usage', id, '{}', 'worker' FROM paid RETURNING id, reference
  )
  INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars)
    SELECT t.id, v.line, v.account_id, v.amount FROM transactions t JOIN paid p ON p.id = t.reference
     CROSS JOIN LATERAL (VALUES (1, p.account_id, -p.amount), (2, 'house:revenue', p.amount)) AS v (line, account_id, amount);`,
      },
    ],
  },
  {
    name: 'window-at-settle',
    says: 'a charge on a hold counts in the day of its settle',
    check: 'window-of-reserve',
    sql: [
      {
        function: 'bourse_settle',
        find: 'PERFORM bourse_move_windows(done_keys, done_days, done_taken, done_released);',
        replace: `PERFORM bourse_move_windows(done_keys, done_days, array_fill(0::bigint, ARRAY[cardinality(done_ids)]), done_released);
  PERFORM bourse_move_windows(done_keys, array_fill((clock_timestamp() AT TIME ZONE 'UTC')::date, ARRAY[cardinality(done_ids)]), done_taken,
    array_fill(0::bigint, ARRAY[cardinality(done_ids)]));`,
      },
    ],
  },
  {
    name: 'window-at-leased-settle',
    says: 'a charge on a lease counts in the day of its settle',
    check: 'window-of-reserve',
    sql: [
      {
        function: 'bourse_settle_leased',
        find: 'SELECT d."apiKeyId", d.day, sum(d.charge)',
        replace: 'SELECT d."apiKeyId", (clock_timestamp() AT TIME ZONE \'UTC\')::date, sum(d.charge)',
      },
    ],
  },
];

const atCredit: readonly Mutant[] = [
  {
    name: 'reserve-unguarded',
    says: 'a reserve does not look at what is available',
    check: 'no-oversell',
    sql: [
      { function: 'bourse_reserve', find: 'WHEN available < item.amount THEN', replace: 'WHEN false THEN' },
      unguardedAccount,
    ],
  },
  {
    name: 'lease-unguarded',
    says: 'a lease grants more than is available',
    check: 'no-oversell-leased',
    sql: [
      {
        function: 'bourse_extend_lease',
        find: "result := 'low';",
        replace: "result := 'granted';\n      granted := greatest(p_slab_max / 100, p_needed);",
      },
      unguardedAccount,
    ],
  },
  {
    name: 'key-unguarded',
    says: 'a reserve does not look at the limit of its key',
    check: 'key-limit',
    sql: [{ function: 'bourse_reserve', find: 'WHEN remaining < item.amount THEN', replace: 'WHEN false THEN' }],
  },
  {
    name: 'key-lease-unguarded',
    says: 'a lease does not look at the limit of its key',
    check: 'key-limit-leased',
    sql: [
      {
        function: 'bourse_extend_lease',
        find: 'slab := least(p_slab_max, available / 10, key_remaining / 10);',
        replace: 'slab := least(p_slab_max, available / 10);',
      },
      { function: 'bourse_extend_lease', find: 'OR p_needed > key_remaining / 4 THEN', replace: 'THEN' },
    ],
  },
  {
    name: 'admits-after-end',
    says: 'a gateway admits requests on a lease whose time is over',
    check: 'asleep-past-lease',
    source: [{ file: LEASES, find: 'nowMs >= lease.expiresAtMs || ', replace: '' }],
  },
  {
    name: 'released-twice',
    says: 'what is left of a lease is given back although it was taken away',
    check: 'stale-gateway',
    sql: [
      {
        function: 'bourse_return_lease',
        find: "WHERE l.id = p_id AND l.gateway_id = p_gateway AND l.state = 'open' FOR NO KEY UPDATE",
        replace: 'WHERE l.id = p_id AND l.gateway_id = p_gateway FOR NO KEY UPDATE',
      },
    ],
  },
  {
    name: 'ended-twice',
    says: 'a lease is ended without a look at its state',
    check: 'stale-gateway',
    sql: [
      {
        function: 'bourse_end_leases',
        find: "WHERE l.id = ANY (p_ids) AND l.state = 'open'",
        replace: 'WHERE l.id = ANY (p_ids)',
      },
      {
        function: 'bourse_bury_gateway',
        find: "WHERE l.gateway_id = p_gateway AND l.state = 'open')",
        replace: 'WHERE l.gateway_id = p_gateway)',
      },
    ],
  },
];

const atPrice: readonly Mutant[] = [
  {
    name: 'float-price',
    says: 'prices are multiplied as floating-point numbers',
    check: 'price',
    source: [
      {
        file: CHARGE,
        find: 'ceilDivide(sumOfPicodollars(lines) * bps, BASIS_POINTS * PICO_PER_NANO)',
        replace: 'BigInt(Math.ceil((Number(sumOfPicodollars(lines)) * Number(bps)) / 10_000_000))',
      },
    ],
  },
  {
    name: 'parts-summed',
    says: 'cached tokens are counted once more as fresh ones',
    check: 'usage-parts',
    source: [
      { file: USAGE, find: 'const fresh = promptTokens - read - write;', replace: 'const fresh = promptTokens;' },
    ],
  },
];

const atPayment: readonly Mutant[] = [
  {
    name: 'effect-apart-from-event',
    says: 'a webhook event is committed before its effect',
    check: 'webhook',
    source: [
      {
        file: PAYMENTS,
        find: "  if (rowCount === 0) return { kind: 'duplicate' };\n",
        replace:
          "  if (rowCount === 0) return { kind: 'duplicate' };\n  await client.query('COMMIT');\n  await client.query('BEGIN');\n",
      },
    ],
  },
  {
    name: 'grant-per-event',
    says: 'a payment is granted once per event instead of once',
    check: 'webhook',
    source: [
      { file: PAYMENTS, find: "  if (row.state === 'granted') return { kind: 'duplicate' };\n", replace: '' },
      {
        file: PAYMENTS,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the product's own text
        find: 'idempotencyKey: `topup:${paymentIntentId}`',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the mutant's text
        replace: 'idempotencyKey: `topup:${facts.eventId}`',
      },
    ],
  },
  {
    name: 'migration-in-two-steps',
    says: 'a migration is committed before it is written into the history',
    check: 'migration',
    source: [
      {
        file: MIGRATE,
        find: '    await client.query(migration.sql);\n',
        replace:
          "    await client.query(migration.sql);\n    await client.query('COMMIT');\n    await client.query('BEGIN');\n",
      },
    ],
  },
];

/** The seeded defects that are about money, and those about providers that fail: each must turn its own check red. */
export const mutants: readonly Mutant[] = [
  ...atSpool,
  ...atSettle,
  ...atCredit,
  ...atPrice,
  ...atPayment,
  ...upstreamMutants,
];
