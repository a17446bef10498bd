import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { z } from 'zod';

/** One line of a checkout, as the API shows it. Our own type: the SDK's has numbers that are text on the wire. */
export type LineItem = {
  readonly id: string;
  readonly object: 'item';
  readonly amount_discount: number;
  readonly amount_subtotal: number;
  readonly amount_tax: number;
  readonly amount_total: number;
  readonly currency: string;
  readonly description: string;
  readonly quantity: number;
  readonly price: object;
};

/** What a payment will carry once it is made. */
export type IntentData = {
  readonly metadata: Stripe.Metadata;
  readonly description: string | null;
  readonly receiptEmail: string | null;
  readonly setupFutureUsage: Stripe.PaymentIntent.SetupFutureUsage | null;
  readonly statementDescriptor: string | null;
};

/** A checkout session with what its object does not show. `merchant` is the name on the checkout page. */
export type SessionRecord = {
  readonly id: string;
  readonly session: Stripe.Checkout.Session;
  readonly lineItems: readonly LineItem[];
  readonly intentData: IntentData;
  readonly merchant: string;
  readonly wantsCustomer: boolean;
};

/** An event with what became of it. `attempts` holds the status of each answer, or null where there was none. */
export type EventRecord = {
  readonly id: string;
  readonly event: Stripe.Event;
  readonly delivery: 'not_wanted' | 'pending' | 'delivered' | 'failed';
  readonly attempts: readonly { readonly at: number; readonly status: number | null }[];
};

/** The first answer to an idempotency key. `id` is the key, `fingerprint` the request that it came with. */
export type ReplayRecord = {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly bodyText: string;
  readonly requestId: string;
  readonly at: number;
};

/** Objects of one kind by id, in the order in which they were made. */
export type Collection<T extends { readonly id: string }> = {
  readonly get: (id: string) => T | undefined;
  /** Adds, or replaces the one with the same id where it stands. */
  readonly put: (record: T) => T;
  readonly delete: (id: string) => void;
  /** Newest first, as all of Stripe's lists are. */
  readonly list: () => readonly T[];
};

const KINDS = [
  'customers',
  'sessions',
  'paymentIntents',
  'charges',
  'refunds',
  'balanceTransactions',
  'events',
  'replays',
] as const;
type Kind = (typeof KINDS)[number];
type Records = {
  customers: Stripe.Customer;
  sessions: SessionRecord;
  paymentIntents: Stripe.PaymentIntent;
  charges: Stripe.Charge;
  refunds: Stripe.Refund;
  balanceTransactions: Stripe.BalanceTransaction;
  events: EventRecord;
  replays: ReplayRecord;
};

/** Everything that the simulated Stripe remembers. */
export type StripeStore = { readonly [K in Kind]: Collection<Records[K]> } & {
  /** Reads the file of an earlier run, if there is one. Throws when it is not ours. */
  readonly load: () => Promise<void>;
  /** Resolves when all that was put so far is in the file; at once without one. */
  readonly flush: () => Promise<void>;
  readonly clear: () => void;
};

function createCollection<T extends { readonly id: string }>(onChange: () => void) {
  const records = new Map<string, T>();
  return {
    get: (id: string) => records.get(id),
    put: (record: T) => {
      records.set(record.id, record);
      onChange();
      return record;
    },
    delete: (id: string) => {
      records.delete(id);
      onChange();
    },
    list: () => [...records.values()].reverse(),
    restore: (saved: readonly T[]) => {
      records.clear();
      for (const record of saved) records.set(record.id, record);
    },
    dump: () => [...records.values()],
  };
}

// Only this program writes the file, so the shape of what is inside an object is taken on trust.
const saved = <T extends { readonly id: string }>() =>
  z.array(z.custom<T>((value) => z.object({ id: z.string() }).safeParse(value).success));
const fileSchema = z.object({
  version: z.literal(1),
  customers: saved<Stripe.Customer>(),
  sessions: saved<SessionRecord>(),
  paymentIntents: saved<Stripe.PaymentIntent>(),
  charges: saved<Stripe.Charge>(),
  refunds: saved<Stripe.Refund>(),
  balanceTransactions: saved<Stripe.BalanceTransaction>(),
  events: saved<EventRecord>(),
  replays: saved<ReplayRecord>(),
});

/** Writes the text so that a crash leaves the old file or the new one, never half of either. */
async function replaceFile(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `.${name}.${process.pid}.tmp`);
  await writeFile(temporary, text);
  await rename(temporary, join(directory, name));
}

async function readFileIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const FILE_NAME = 'stripe.json';

/** An empty store; with a directory it is kept in `stripe.json` there. */
export function createStripeStore(directory: string | undefined): StripeStore {
  let isDirty = false;
  let writing: Promise<void> = Promise.resolve();
  const onChange = () => {
    isDirty = true;
  };
  const kinds = {
    customers: createCollection<Stripe.Customer>(onChange),
    sessions: createCollection<SessionRecord>(onChange),
    paymentIntents: createCollection<Stripe.PaymentIntent>(onChange),
    charges: createCollection<Stripe.Charge>(onChange),
    refunds: createCollection<Stripe.Refund>(onChange),
    balanceTransactions: createCollection<Stripe.BalanceTransaction>(onChange),
    events: createCollection<EventRecord>(onChange),
    replays: createCollection<ReplayRecord>(onChange),
  };

  const save = async () => {
    if (directory === undefined || !isDirty) return;
    isDirty = false;
    const dump = Object.fromEntries(KINDS.map((kind) => [kind, kinds[kind].dump()]));
    await replaceFile(directory, FILE_NAME, JSON.stringify({ version: 1, ...dump }));
  };

  const load = async () => {
    const text = directory === undefined ? undefined : await readFileIfAny(join(directory, FILE_NAME));
    if (text === undefined) return;
    const file = fileSchema.parse(JSON.parse(text));
    kinds.customers.restore(file.customers);
    kinds.sessions.restore(file.sessions);
    kinds.paymentIntents.restore(file.paymentIntents);
    kinds.charges.restore(file.charges);
    kinds.refunds.restore(file.refunds);
    kinds.balanceTransactions.restore(file.balanceTransactions);
    kinds.events.restore(file.events);
    kinds.replays.restore(file.replays);
  };

  return {
    ...kinds,
    load,
    flush: () => {
      // One writer at a time; a save that waits also writes what was put while it waited.
      writing = writing.then(save, save);
      return writing;
    },
    clear: () => {
      for (const kind of KINDS) kinds[kind].restore([]);
      onChange();
    },
  };
}
