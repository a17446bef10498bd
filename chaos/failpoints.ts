import { before, type SourceEdit } from './hooks/source-edit.ts';

/** A place in the life of a charge where a process can be killed, as the crash matrix names it. */
export interface Failpoint {
  /** `C` and its number in the matrix; a letter tells variants apart. */
  readonly name: string;
  readonly says: string;
  readonly of: 'gateway' | 'worker' | 'migration' | 'payment';
  /** What puts the blow there. */
  readonly edits: readonly SourceEdit[];
}

const GENERATE = 'apps/gateway/src/generate/generate.ts';
const RENDER = 'apps/gateway/src/generate/render.ts';
const SEND = 'apps/gateway/src/http/send-answer.ts';
const BOOKS = 'apps/gateway/src/books/books.ts';
const SEGMENT = 'apps/gateway/src/books/segment.ts';
const SETTLER = 'apps/gateway/src/books/settler.ts';
const ADOPT = 'apps/gateway/src/books/adopt-spools.ts';
const SETTLE = 'packages/db/src/ledger/settle-charges.ts';
const STORE = 'packages/db/src/ledger/store.ts';
const LEASES = 'packages/db/src/ledger/lease-store.ts';
const MIGRATE = 'packages/db/src/migrate.ts';
const PAYMENT = 'packages/db/src/queries/payments.ts';

const REACH = 'globalThis.bourseChaos.reach();';
/** Behind whatever the socket writes at the end of this turn. */
const REACH_LATER = 'setImmediate(() => globalThis.bourseChaos.reach());';
const APPEND = '    await writeAll(this.#file.fd, bytes, { length: bytes.byteLength, offset: this.#offset });';

/** Writes another buffer in place of the record, and strikes. */
function torn(bytes: string): SourceEdit {
  return before(
    SEGMENT,
    APPEND,
    `    if (globalThis.bourseChaos.isDue()) {
      const torn = ${bytes};
      await writeAll(this.#file.fd, torn, { length: torn.byteLength, offset: this.#offset });
      globalThis.bourseChaos.strike();
    }`,
  );
}

/** Every failpoint that is made by an edit. C11 is any of them with the action `postgres`, C16 with `stop`; C17 is a check of its own. */
export const failpoints: readonly Failpoint[] = [
  {
    name: 'C1',
    says: 'after parse, before reserve',
    of: 'gateway',
    edits: [before(GENERATE, '  const { generationId, isRetake', REACH)],
  },
  {
    name: 'C2',
    says: 'reserve done, before dispatch',
    of: 'gateway',
    edits: [before(GENERATE, '  const ticket = ', REACH)],
  },
  {
    name: 'C3',
    says: 'while the provider streams',
    of: 'gateway',
    edits: [before(RENDER, "    if (text !== '') yield text;", REACH)],
  },
  {
    name: 'C4',
    says: 'provider done, before the spool is written',
    of: 'gateway',
    edits: [before(SEGMENT, APPEND, REACH)],
  },
  {
    name: 'C5',
    says: 'half a record in the spool',
    of: 'gateway',
    edits: [torn('bytes.subarray(0, bytes.byteLength >> 1)')],
  },
  {
    name: 'C5b',
    says: 'a record in the spool with one digit of its charge wrong',
    of: 'gateway',
    edits: [
      torn(`((copy) => {
        const at = copy.indexOf('"charge":"') + 10;
        copy[at] = copy[at] === 57 ? 56 : 57;
        return copy;
      })(Buffer.from(bytes))`),
    ],
  },
  {
    name: 'C6',
    says: 'spool on disk, before the last chunk',
    of: 'gateway',
    edits: [before(BOOKS, '    const booked = this.#book(written, slice, record);', REACH)],
  },
  {
    name: 'C7',
    says: 'last chunk sent, before the settle',
    of: 'gateway',
    edits: [{ file: SEND, find: '  outgoing.end(body);\n', replace: `  outgoing.end(body);\n  ${REACH_LATER}\n` }],
  },
  {
    name: 'C8',
    says: 'inside the transaction that settles a lease',
    of: 'gateway',
    edits: [
      before(
        SETTLE,
        '  const { rows } = await pool.query<{ results: string }>({ ...LEASED, values: [organizationIds, jsonArray(charges)] });',
        '  await globalThis.bourseChaos.dieInTransaction(pool, LEASED.text, [organizationIds, jsonArray(charges)]);',
      ),
    ],
  },
  {
    name: 'C8b',
    says: 'between the leased and the direct part of a batch',
    of: 'gateway',
    edits: [before(SETTLE, '  const left = charges.filter((charge) => !outcomes.has(charge));', REACH)],
  },
  {
    name: 'C9',
    says: 'settle committed, before its answer is seen',
    of: 'gateway',
    edits: [
      before(
        SETTLER,
        '        for (const [index, waiting] of batch.entries()) this.#conclude(waiting, outcomes[index]);',
        REACH,
      ),
    ],
  },
  {
    name: 'C10',
    says: 'replay: spool read, before its settle',
    of: 'gateway',
    edits: [before(ADOPT, '  for (const [index, outcome] of (await leases.settle(charges)).entries()) {', REACH)],
  },
  {
    name: 'C10b',
    says: 'replay: settled, before the dead gateway is buried',
    of: 'gateway',
    edits: [before(ADOPT, '  const freed = await leases.bury(gatewayId);', REACH)],
  },
  {
    name: 'C10c',
    says: 'replay: buried, before its spool is removed',
    of: 'gateway',
    edits: [before(ADOPT, '  if (refused > 0) return false;', REACH)],
  },
  {
    name: 'C10d',
    says: 'replay: spool taken, before it is read',
    of: 'gateway',
    edits: [before(ADOPT, '    return claimed;', REACH)],
  },
  {
    name: 'C12',
    says: 'inside the transaction that expires holds',
    of: 'worker',
    edits: [
      {
        file: STORE,
        find: '    expireHolds: (limit) =>\n',
        replace: `    expireHolds: async (limit) =>
      (await globalThis.bourseChaos.dieInTransaction(moneyPool, 'SELECT bourse_expire_holds($1)', [limit]), undefined) ??\n`,
      },
    ],
  },
  {
    name: 'C12b',
    says: 'inside the transaction that fences leases',
    of: 'worker',
    edits: [
      {
        file: LEASES,
        find: '    fence: ({ graceMs, limit }) =>\n',
        replace: `    fence: async ({ graceMs, limit }) =>
      (await globalThis.bourseChaos.dieInTransaction(pool, 'SELECT bourse_fence_leases($1, $2)', [graceMs, limit]), undefined) ??\n`,
      },
    ],
  },
  {
    name: 'C13',
    says: 'webhook: event written, before its effect',
    of: 'payment',
    edits: [before(PAYMENT, '  const result: StripeEventResult =\n    facts.isLivemode', REACH)],
  },
  {
    name: 'C14',
    says: 'webhook: effect committed, before the answer',
    of: 'payment',
    edits: [
      {
        file: PAYMENT,
        find: '      inTransaction(pool, (client) => recordStripeEvent(client, facts, expected)),\n',
        replace: `      inTransaction(pool, (client) => recordStripeEvent(client, facts, expected)).finally(() => globalThis.bourseChaos.reach()),\n`,
      },
    ],
  },
  {
    name: 'C18',
    says: 'migration: inside the transaction of one file',
    of: 'migration',
    edits: [before(MIGRATE, "    await client.query('COMMIT');\n", REACH)],
  },
  {
    name: 'C18b',
    says: 'migration: between two files',
    of: 'migration',
    edits: [
      {
        file: MIGRATE,
        find: '    for (const migration of pending) await apply(client, migration);\n',
        replace:
          '    for (const migration of pending) {\n      await apply(client, migration);\n      globalThis.bourseChaos.reach();\n    }\n',
      },
    ],
  },
];
