import type { ReconciliationRule } from '../../contract/operations.ts';

/** Every promise that the database alone can be asked about. The keys are what a scan answers in its first column. */
export const promises = {
  posted: { rule: 'R1', name: 'posted balances equal their entries' },
  promo: { rule: 'R1', name: 'promotional balances equal their entries' },
  held: { rule: 'R1', name: 'held balances equal their open holds and leases' },
  windows: { rule: 'R1', name: 'key windows equal their holds, leases and what leases paid' },
  leases: { rule: 'R1', name: 'leases are in a known state and paid what their generations say' },
  sum: { rule: 'R2', name: 'every transaction sums to zero' },
  whole: { rule: 'R2', name: 'every transaction has entries, every entry a transaction and an account' },
  states: { rule: 'R3', name: 'holds are in a known state, and resolved when they say so' },
  settled: { rule: 'R3', name: 'every settled hold has one generation of the same charge, and back' },
  usage: { rule: 'R3', name: 'every charge and cost is one usage transaction, and back' },
  losses: { rule: 'R3', name: 'what failed attempts cost is booked as a loss, and back' },
  purchases: { rule: 'R3', name: 'every granted purchase is one ledger transaction of its amount, and back' },
  outbox: { rule: 'R4', name: 'no message has waited in the outbox for more than a minute, none was given up' },
  spools: { rule: 'R5', name: 'no gateway has a charge that is older than a minute, and no dead one has any' },
  invoices: { rule: 'R7', name: 'provider costs equal their invoices to 0.5 %, and hardly any of them is an estimate' },
  prices: { rule: 'R8', name: 'every charge is what its receipt comes to' },
  sheets: { rule: 'R8', name: 'every receipt has the prices of a sheet that was in force' },
  overdue: { rule: 'R9', name: 'no open hold or lease is overdue by more than a minute' },
  floors: { rule: 'R10', name: 'no balance is below its floor but by refunds and disputes' },
} as const satisfies Readonly<Record<string, { readonly rule: ReconciliationRule; readonly name: string }>>;

/** The key of a promise. */
export type PromiseKey = keyof typeof promises;

/** A query whose rows are what breaks promises: the promise's key, and a text for people. */
export interface Scan {
  /** The promises that it looks at. */
  readonly about: readonly PromiseKey[];
  readonly sql: string;
  /** It groups by what its table is stored by: walking an index in order costs half of hashing a million groups. */
  readonly isInOrder?: boolean;
}
