import { createTestDatabase, generationRecord, type TestDatabase, type TestOrganization } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newGenerationId, settleOf, sqlClient, tenant } from './tenants.ts';

// Every arrow of every state machine, and everything that is no arrow, by hand in the tables: what the functions would never do must fail too.

let database: TestDatabase;
let sql: Client;
let owner: TestOrganization;
let number = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
  owner = await tenant(database.db, 1_000);
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** Puts a row into any state, past the guards. */
async function plant(insert: string, values: readonly unknown[]): Promise<void> {
  await sql.query('SET session_replication_role = replica');
  await sql.query(insert, [...values]);
  await sql.query('SET session_replication_role = DEFAULT');
}

function newId(): string {
  number += 1;
  return `row_${number}`;
}

const plantHold = (id: string, state: string) =>
  plant(
    `INSERT INTO hold (id, account_id, api_key_id, window_start, amount_nanodollars, state, settled_nanodollars, gateway_id, expires_at)
     VALUES ($1, $2, $3, current_date, 10, $4, CASE WHEN $4 = 'settled' THEN 5 END, 'gw', clock_timestamp() + interval '1 hour')`,
    [id, `org:${owner.organizationId}:credits`, owner.apiKeyId, state],
  );

const plantLease = (id: string, state: string) =>
  plant(
    `INSERT INTO lease (id, account_id, gateway_id, amount_nanodollars, used_nanodollars, state, expires_at)
     VALUES ($1, $2, 'gw', 10, 5, $3, clock_timestamp() + interval '1 hour')`,
    [id, `org:${owner.organizationId}:credits`, state],
  );

const plantTopup = (id: string, state: string) =>
  plant(
    `INSERT INTO topup (id, organization_id, amount_nanodollars, amount_cents, fee_cents, currency, state)
     VALUES ($1, $2, 50000000, 5, 1, 'usd', $3)`,
    [id, owner.organizationId, state],
  );

interface Machine {
  readonly table: string;
  readonly plant: (id: string, state: string) => Promise<void>;
  readonly states: readonly string[];
  /** From each state to each of these. */
  readonly arrows: Readonly<Record<string, readonly string[]>>;
}

const machines: readonly Machine[] = [
  {
    table: 'hold',
    plant: plantHold,
    states: ['held', 'settled', 'voided', 'expired'],
    arrows: { held: ['settled', 'voided', 'expired'], voided: ['settled'], expired: ['settled'], settled: [] },
  },
  {
    table: 'lease',
    plant: plantLease,
    states: ['open', 'closed', 'fenced'],
    arrows: { open: ['closed', 'fenced'], closed: [], fenced: [] },
  },
  {
    table: 'topup',
    plant: plantTopup,
    states: ['created', 'paid', 'granted', 'expired', 'failed'],
    arrows: {
      created: ['paid', 'granted', 'expired', 'failed'],
      paid: ['granted'],
      expired: ['paid', 'granted'],
      failed: ['paid', 'granted'],
      granted: [],
    },
  },
];

const pairs = machines.flatMap((machine) =>
  machine.states.flatMap((from) =>
    [...machine.states, 'lost'].filter((to) => to !== from).map((to) => ({ machine, table: machine.table, from, to })),
  ),
);

async function change(table: string, id: string, to: string): Promise<string> {
  await sql.query(`UPDATE ${table} SET state = $2 WHERE id = $1`, [id, to]);
  const { rows } = await sql.query<{ state: string }>(`SELECT state FROM ${table} WHERE id = $1`, [id]);
  return rows[0]?.state ?? 'gone';
}

const isArrow = ({ machine, from, to }: (typeof pairs)[number]) => machine.arrows[from]?.includes(to) === true;

test.for(pairs.filter(isArrow))('a $table may go from $from to $to', async ({ machine, table, from, to }) => {
  const id = newId();
  await machine.plant(id, from);
  expect(await change(table, id, to)).toBe(to);
});

test.for(pairs.filter((pair) => !isArrow(pair)))(
  'a $table cannot go from $from to $to: the transaction is aborted, and says so',
  async ({ machine, table, from, to }) => {
    const id = newId();
    await machine.plant(id, from);
    await expect(change(table, id, to)).rejects.toMatchObject({
      code: 'BRS01',
      message: `impossible transition: ${table} ${id} from ${from} to ${to}`,
    });
    const { rows } = await sql.query(`SELECT state FROM ${table} WHERE id = $1`, [id]);
    expect(rows).toEqual([{ state: from }]);
  },
);

describe('what is final', () => {
  const refused = { code: 'BRS01' };

  test('a settled hold keeps what it settled, and no hold changes its amount', async () => {
    await plantHold('hold_final', 'settled');
    await plantHold('hold_open', 'held');
    await expect(sql.query("UPDATE hold SET settled_nanodollars = 6 WHERE id = 'hold_final'")).rejects.toMatchObject(
      refused,
    );
    await expect(sql.query("UPDATE hold SET amount_nanodollars = 9 WHERE id = 'hold_open'")).rejects.toMatchObject(
      refused,
    );
  });

  test('a lease begins open and unused, its use never shrinks, and after its end nothing is charged to it', async () => {
    await plantLease('lease_open', 'open');
    await plantLease('lease_closed', 'closed');
    const use = (id: string, used: number) =>
      sql.query('UPDATE lease SET used_nanodollars = $2 WHERE id = $1', [id, used]);
    await use('lease_open', 6);
    await expect(use('lease_open', 4)).rejects.toMatchObject(refused);
    await expect(use('lease_closed', 6)).rejects.toMatchObject(refused);
    const begin = (id: string, state: string, used: number) =>
      sql.query(
        `INSERT INTO lease (id, account_id, gateway_id, amount_nanodollars, used_nanodollars, state, expires_at)
         VALUES ($1, 'org:x:credits', 'gw', 10, $3, $2, now())`,
        [id, state, used],
      );
    await expect(begin('lease_born_closed', 'closed', 0)).rejects.toMatchObject(refused);
    await expect(begin('lease_born_used', 'open', 1)).rejects.toMatchObject(refused);
  });

  test('a purchase begins created, and its amounts and owner never change', async () => {
    await plantTopup('top_fixed', 'created');
    for (const change of ['fee_cents = 2', "currency = 'eur'", 'amount_cents = 6, amount_nanodollars = 60000000'])
      await expect(sql.query(`UPDATE topup SET ${change} WHERE id = 'top_fixed'`)).rejects.toMatchObject(refused);
    const born = sql.query(
      `INSERT INTO topup (id, organization_id, amount_nanodollars, amount_cents, fee_cents, currency, state)
       VALUES ('top_born', $1, 50000000, 5, 1, 'usd', 'granted')`,
      [owner.organizationId],
    );
    await expect(born).rejects.toMatchObject(refused);
  });

  test('a generation that is paid for never changes; one that nobody paid for may be paid for later', async () => {
    const id = newGenerationId();
    const { ledger, generations } = database.db;
    await ledger.release({
      generationId: id,
      organizationId: owner.organizationId,
      record: generationRecord(owner, { id, end: 'timeout' }),
    });
    await ledger.settle(settleOf(owner, { id, charge: 5 }));
    expect(await generations.find({ id, organizationId: owner.organizationId })).toMatchObject({
      charge: 5n,
      end: 'finished',
    });
    for (const change of ['charge_nanodollars = 4', "receipt = '{}'", `"end" = 'timeout'`])
      await expect(sql.query(`UPDATE generation SET ${change} WHERE id = $1`, [id])).rejects.toMatchObject(refused);
  });

  test('a store that meets the guard says internal and tells no customer why', async () => {
    const hold = newGenerationId();
    await database.db.ledger.reserve({
      ...owner,
      generationId: hold,
      amount: settleOf(owner, { id: hold, charge: 1 }).charge,
      ttlMs: 60_000,
      gatewayId: 'gw',
    });
    // A mutant of the release: what a wrong version of our own functions would do.
    await sql.query(
      `CREATE FUNCTION wrong_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := 'lost'; RETURN NEW; END $$;
       CREATE TRIGGER a_wrong_release BEFORE UPDATE ON hold FOR EACH ROW EXECUTE FUNCTION wrong_release()`,
    );
    const release = database.db.ledger.release({ generationId: hold, organizationId: owner.organizationId });
    await expect(release).rejects.toMatchObject({ code: 'internal', message: 'Something failed on our side.' });
    await sql.query('DROP TRIGGER a_wrong_release ON hold');
    expect((await database.db.ledger.balance(owner.organizationId)).held).toBe(1n);
  });
});
