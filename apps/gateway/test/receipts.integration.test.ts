import { ledgerCheck } from '@bourse/db';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

// What GET /generation says must add up to what was charged, to the nanodollar, by nothing but the public API and whole numbers.

let market: Market;
beforeEach(async () => {
  market = await openMarket();
});
afterEach(async () => {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  const wrong = (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter(
    ({ differences }) => differences > 0,
  );
  expect(wrong).toEqual([]);
  await market.stop();
});

const amount = z.string().regex(/^\d+(\.\d{1,16})?$/);
const receiptSchema = z.strictObject({
  lines: z.array(
    z.strictObject({
      meter: z.string(),
      quantity: z.int().positive(),
      price_usd_per_unit: amount,
      cost: amount,
      markup: amount,
      total: amount,
    }),
  ),
  price_sheet_id: z.string(),
  price_source: z.string().min(1),
  price_checked_on: z.iso.date(),
  price_effective_from: z.iso.datetime(),
  markup_bps: z.int(),
  subtotal: amount,
  rounding: z.literal('ceil-nanodollar-once'),
  rounding_amount: amount,
  total: amount,
  capped: amount,
  clamped: amount,
  charged: amount,
  counted_by: z.enum(['provider', 'estimate']),
  estimate_method: z.string().nullable(),
});
const recordSchema = z.looseObject({
  total_cost: z.number(),
  usage: z.number(),
  end: z.string(),
  flags: z.array(z.string()),
  receipt: receiptSchema.nullable(),
  payment: z.strictObject({
    reserved_by: z.enum(['lease', 'hold']).nullable(),
    charged: amount,
    promotional: amount,
    paid: amount,
    refunded: amount,
  }),
  attempts: z.array(z.looseObject({ outcome: z.string(), insured_cost: amount.nullable() })),
});
type GenerationBody = z.infer<typeof recordSchema>;

/** A decimal of at most 16 places as a whole number, so that sums are exact. */
function exact(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(16, '0'));
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, each) => total + each, 0n);

/** Does with a receipt what a suspicious customer would: computes every number again from quantities, prices and the markup. */
function assertAddsUp({ receipt, payment, total_cost, usage }: GenerationBody): void {
  const charged = exact(payment.charged);
  expect(exact(payment.promotional) + exact(payment.paid)).toBe(charged);
  expect(exact(nanodollarsOf(total_cost))).toBe(charged);
  expect(usage).toBe(total_cost);
  if (receipt === null) {
    expect(charged).toBe(0n);
    return;
  }
  for (const line of receipt.lines) {
    expect(exact(line.cost)).toBe(BigInt(line.quantity) * exact(line.price_usd_per_unit));
    expect(exact(line.markup) * 10_000n).toBe(exact(line.cost) * BigInt(receipt.markup_bps));
    expect(exact(line.total)).toBe(exact(line.cost) + exact(line.markup));
  }
  expect(sum(receipt.lines.map(({ total }) => exact(total)))).toBe(exact(receipt.subtotal));
  const nanodollar = 10_000_000n;
  expect(((exact(receipt.subtotal) + nanodollar - 1n) / nanodollar) * nanodollar).toBe(exact(receipt.total));
  expect(exact(receipt.subtotal) + exact(receipt.rounding_amount)).toBe(exact(receipt.total));
  expect(exact(receipt.total) - exact(receipt.capped) - exact(receipt.clamped)).toBe(exact(receipt.charged));
  expect(exact(receipt.charged)).toBe(charged);
}

/** A JSON number of dollars as the decimal that it stands for. */
function nanodollarsOf(dollars: number): string {
  return dollars.toFixed(9);
}

async function read(id: string): Promise<GenerationBody> {
  const answer = await eventually(
    () => fetch(`${market.url}/generation?id=${id}`, { headers: { authorization: `Bearer ${market.key}` } }),
    ({ status }) => status === 200,
  );
  const { data } = z.object({ data: recordSchema }).parse(await answer.json());
  return data;
}

/** Asks, reads the answer to its end, then the record; what was charged must have left the credits. */
async function receiptOf(body: Record<string, unknown>): Promise<GenerationBody> {
  const response = await market.chat(body);
  await response.text();
  const record = await read(response.headers.get('x-generation-id') ?? '');
  assertAddsUp(record);
  return record;
}

const spent = async (): Promise<Nanodollars> => {
  await market.booked();
  return (await market.db.ledger.totals(market.organizationId)).totalUsage;
};

/** An answer with these counts, streamed or whole as asked. */
function counting(usage: Record<string, unknown>): Script {
  return ({ body, response }) => {
    if (body['stream'] === true) {
      beginStream(response);
      const last = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'up', choices: [], usage };
      response.end(
        `${frames.role}${frames.text('hello')}${frames.finish}data: ${JSON.stringify(last)}\n\n${frames.done}`,
      );
      return;
    }
    const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
  };
}

const long = { ...hi, messages: [{ role: 'user', content: 'a word and another '.repeat(40) }], max_tokens: 1_000 };

test.for([false, true])(
  'a whole or streamed answer (stream: %s) tells its lines, their prices and who paid',
  async (stream) => {
    const before = await spent();
    const record = await receiptOf({ ...hi, stream });
    expect(record.receipt?.lines.map(({ meter, quantity }) => [meter, quantity])).toEqual([
      ['input', 10],
      ['output', 5],
    ]);
    expect(record).toMatchObject({
      end: 'finished',
      flags: [],
      receipt: { counted_by: 'provider', estimate_method: null, capped: '0', clamped: '0' },
      payment: { reserved_by: 'lease', paid: '0', refunded: '0' },
      attempts: [{ outcome: 'ok', insured_cost: null }],
    });
    expect((await spent()) - before).toBe(nanodollarsFromUsd(record.payment.charged));
  },
);

test.for([false, true])('cached input and reasoning are lines of their own (stream: %s)', async (stream) => {
  market.north.script = counting({
    prompt_tokens: 201,
    completion_tokens: 303,
    total_tokens: 504,
    prompt_tokens_details: { cached_tokens: 77 },
    completion_tokens_details: { reasoning_tokens: 113 },
  });
  const record = await receiptOf({ ...long, stream });
  expect(record.receipt?.lines.map(({ meter, quantity }) => [meter, quantity])).toEqual([
    ['input', 124],
    ['input_cache_read', 77],
    ['output', 190],
    ['output_reasoning', 113],
  ]);
});

test('an answer without counts says that we counted, and how', async () => {
  market.north.script = ({ response }) => {
    beginStream(response);
    response.end(frames.role + frames.text('seven words that nobody else has counted') + frames.finish + frames.done);
  };
  const record = await receiptOf({ ...hi, stream: true });
  expect(record.receipt).toMatchObject({ counted_by: 'estimate', estimate_method: 'o200k_base' });
  expect(record.flags).toContain('estimated');
});

test('a cancelled stream tells what was delivered', async () => {
  market.north.script = ({ response }) => {
    beginStream(response);
    response.write(frames.role + frames.text('ten words that the reader has already seen on screen'));
  };
  const controller = new AbortController();
  const response = await market.chat({ ...hi, stream: true }, { signal: controller.signal });
  await response.body?.getReader().read();
  controller.abort();
  const record = await read(response.headers.get('x-generation-id') ?? '');
  assertAddsUp(record);
  expect(record).toMatchObject({ end: 'client_cancelled', receipt: { counted_by: 'estimate' } });
  expect(record.receipt?.charged).not.toBe('0');
});

test('a failed generation tells that nothing was charged, and what was tried', async () => {
  market.north.script = refuse(500);
  market.south.script = refuse(503);
  const record = await receiptOf(hi);
  expect(record).toMatchObject({
    end: 'upstream_error',
    receipt: null,
    payment: { charged: '0', promotional: '0', paid: '0' },
    attempts: [
      { outcome: 'server_error', status: 500, insured_cost: null },
      { outcome: 'overloaded', status: 503, insured_cost: null },
    ],
  });
});

test('an answer above its ceiling tells what was not charged', async () => {
  market.north.script = counting({ prompt_tokens: 10, completion_tokens: 90, total_tokens: 100 });
  const asked = await receiptOf({ ...hi, max_tokens: 90 });
  const ceiling = nanodollars(nanodollarsFromUsd(asked.payment.charged) - 5n);
  const record = await receiptOf({ ...hi, max_tokens: 20, max_cost: (Number(ceiling) / 1e9).toFixed(9) });
  expect(record.receipt?.charged).toBe(record.payment.charged);
  expect(nanodollarsFromUsd(record.payment.charged)).toBeLessThanOrEqual(ceiling);
  expect(record.flags).toContain('capped');
  expect(record.receipt?.capped).not.toBe('0');
});

test('an attempt that a provider may bill although it failed is our loss and not the customer’s, and the receipt says so', async () => {
  market.north.script = ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [');
  };
  const record = await receiptOf(long);
  expect(record.flags).toContain('attempts_insured');
  expect(record.attempts).toMatchObject([
    { provider: 'sandbox-north', outcome: 'invalid_response' },
    { provider: 'sandbox-south', outcome: 'ok', insured_cost: null },
  ]);
  const loss = record.attempts[0]?.insured_cost ?? '0';
  expect(loss).not.toBe('0');
  market.north.script = hello;
  const plain = await receiptOf({ ...long, provider: { only: ['sandbox-south'] } });
  expect(record.payment.charged).toBe(plain.payment.charged);
});

test('promotional credit pays first; a receipt tells how much of each, and what was refunded later', async () => {
  const { promo } = await market.db.ledger.balance(market.organizationId);
  const credits = `org:${market.organizationId}`;
  const move = (key: string, account: string, change: bigint) =>
    market.db.ledger.post({
      idempotencyKey: key,
      kind: 'adjustment',
      reference: 'test',
      actor: 'test',
      entries: [
        { ledgerAccountId: `${credits}:${account}`, amount: nanodollars(change) },
        { ledgerAccountId: 'house:refunds', amount: nanodollars(-change) },
      ],
    });
  await move('buy', 'credits', 5_000_000_000n);
  await move('expire', 'promo', 3n - promo);
  const response = await market.chat(hi);
  await response.text();
  const id = response.headers.get('x-generation-id') ?? '';
  const record = await read(id);
  assertAddsUp(record);
  expect(record.payment.promotional).toBe('0.000000003');
  expect(record.payment.paid).not.toBe('0');
  const refund = await market.db.ledger.refund({
    idempotencyKey: `refund:gen:${id}:1`,
    generationId: id,
    organizationId: market.organizationId,
    amount: nanodollarsFromUsd(record.payment.charged),
    actor: 'test',
  });
  expect(refund).toMatchObject({ kind: 'refunded', promo: 3n });
  expect((await read(id)).payment.refunded).toBe(record.payment.charged);
});
