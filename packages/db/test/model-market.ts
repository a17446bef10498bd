import { type Database, writeCharge } from '@bourse/db';
import { generationRecord, type TestOrganization } from '@bourse/testing';
import type { Client } from 'pg';
import { expect } from 'vitest';
import { holdOf, nano, newGenerationId, settleOf } from './tenants.ts';

type HoldState = 'held' | 'settled' | 'voided' | 'expired';

/** A hold, or the charge that it or nothing became. */
export interface ModelHold {
  readonly owner: number;
  readonly amount: number;
  state: HoldState;
  charged: number;
  /** Paid by a lease: there is no hold of it. */
  readonly isLeased?: boolean;
  /** Of the charge: what is not refunded yet, by purse. */
  paid: number;
  promo: number;
}

/** A lease of the one gateway of the model. */
export interface ModelLease {
  readonly owner: number;
  readonly id: string;
  readonly day: string;
  left: number;
  isOpen: boolean;
}

/** An organization with one key. */
export interface ModelOwner {
  readonly real: TestOrganization;
  readonly limit: number | null;
  paid: number;
  promo: number;
  held: number;
  used: number;
  isFrozen: boolean;
}

/** The model and the world, moved together. Each method answers what the model expects and what really came. */
export class Market {
  readonly holds = new Map<string, ModelHold>();
  readonly leases: ModelLease[] = [];
  readonly db: Database;
  readonly sql: Client;
  readonly owners: readonly ModelOwner[];
  posts = 0;

  constructor(world: { readonly db: Database; readonly sql: Client }, owners: readonly ModelOwner[]) {
    this.db = world.db;
    this.sql = world.sql;
    this.owners = owners;
  }

  ownerAt(index: number): ModelOwner {
    const found = this.owners[index % this.owners.length];
    if (!found) throw new Error('a market without owners');
    return found;
  }

  holdAt(index: number): readonly [string, ModelHold] | null {
    return [...this.holds][index % Math.max(this.holds.size, 1)] ?? null;
  }

  expectedReserve(of: ModelOwner, wanted: number): unknown {
    if (of.isFrozen) return { kind: 'frozen' };
    const remaining = of.limit === null ? Number.POSITIVE_INFINITY : of.limit - of.used - of.held;
    if (remaining < wanted) return { kind: 'key_limit', remaining: BigInt(Math.max(remaining, 0)) };
    const available = of.paid + of.promo - of.held;
    if (available < wanted) return { kind: 'insufficient_credits', available: BigInt(available) };
    return { kind: 'held' };
  }

  async reserve(ownerIndex: number, wanted: number): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    const request = holdOf(of.real, wanted);
    const expected = this.expectedReserve(of, wanted);
    expect(await this.db.ledger.reserve(request)).toEqual(expected);
    if (typeof expected !== 'object' || expected === null || !('kind' in expected) || expected.kind !== 'held') return;
    of.held += wanted;
    this.holds.set(request.generationId, {
      owner: ownerIndex,
      amount: wanted,
      state: 'held',
      charged: 0,
      paid: 0,
      promo: 0,
    });
  }

  /** Usage takes promotional credit first. */
  take(of: ModelOwner, charged: number): { readonly charged: number; readonly paid: number; readonly promo: number } {
    const promo = Math.min(charged, of.promo);
    of.promo -= promo;
    of.paid -= charged - promo;
    of.used += charged;
    return { charged, paid: charged - promo, promo };
  }

  async settle(id: string, charge: number, cost: number): Promise<void> {
    const known = this.holds.get(id);
    if (!known) return;
    const of = this.ownerAt(known.owner);
    const real = await this.db.ledger.settle(settleOf(of.real, { id, charge, cost }));
    if (known.state === 'settled') {
      expect(real).toEqual({ kind: 'duplicate', charged: BigInt(known.charged) });
      return;
    }
    const own = known.state === 'held' ? known.amount : 0;
    const charged = Math.min(charge, Math.max(of.paid + of.promo - of.held + own, 0));
    expect(real).toEqual({ kind: known.state === 'held' ? 'settled' : 'late', charged: BigInt(charged) });
    of.held -= own;
    Object.assign(known, { state: 'settled', ...this.take(of, charged) });
  }

  async settleUnknown(ownerIndex: number, charge: number): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    const id = newGenerationId();
    const charged = Math.min(charge, Math.max(of.paid + of.promo - of.held, 0));
    const real = await this.db.ledger.settle(settleOf(of.real, { id, charge }));
    expect(real).toEqual({ kind: 'no_hold', charged: BigInt(charged) });
    this.holds.set(id, { owner: ownerIndex, amount: 0, state: 'settled', ...this.take(of, charged) });
  }

  async end(id: string, known: ModelHold, as: 'voided' | 'expired'): Promise<void> {
    const of = this.ownerAt(known.owner);
    const isOpen = known.state === 'held';
    if (as === 'voided') {
      const request = { generationId: id, organizationId: of.real.organizationId };
      expect(await this.db.ledger.release(request)).toEqual({
        kind: isOpen ? 'released' : known.isLeased ? 'no_hold' : 'duplicate',
      });
    } else {
      await this.sql.query("UPDATE hold SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [id]);
      expect(await this.db.ledger.expireHolds(1_000)).toBe(isOpen ? 1 : 0);
    }
    if (!isOpen) return;
    of.held -= known.amount;
    known.state = as;
  }

  async post(
    ownerIndex: number,
    change: number,
    { kind, purse }: { readonly kind: 'grant' | 'refund' | 'adjustment'; readonly purse: 'paid' | 'promo' },
  ): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    this.posts += 1;
    const request = {
      idempotencyKey: `model:${of.real.organizationId}:${this.posts}`,
      kind,
      reference: 'model',
      actor: 'model',
      entries: [
        {
          ledgerAccountId: `org:${of.real.organizationId}:${purse === 'promo' ? 'promo' : 'credits'}`,
          amount: nano(change),
        },
        { ledgerAccountId: 'house:refunds', amount: nano(-change) },
      ],
    };
    const isTooMuch = of.paid + of.promo - of.held + change < 0 || of[purse] + change < 0;
    if (change < 0 && isTooMuch) {
      await expect(this.db.ledger.post(request)).rejects.toMatchObject({ code: 'insufficient_credits' });
      return;
    }
    expect(await this.db.ledger.post(request)).toEqual({ kind: 'posted' });
    expect(await this.db.ledger.post(request)).toEqual({ kind: 'duplicate' });
    of[purse] += change;
  }

  /** What was paid for comes back first, and never more than was charged. */
  async refund(id: string, known: ModelHold, amount: number): Promise<void> {
    const of = this.ownerAt(known.owner);
    this.posts += 1;
    const request = {
      idempotencyKey: `refund:gen:${id}:${this.posts}`,
      generationId: id,
      organizationId: of.real.organizationId,
      amount: nano(amount),
      actor: 'model',
    };
    const real = await this.db.ledger.refund(request);
    if (known.paid + known.promo === 0) return expect(real).toEqual({ kind: 'unknown_charge' });
    if (amount > known.paid + known.promo) return expect(real).toEqual({ kind: 'exceeds_charge' });
    const paid = Math.min(amount, known.paid);
    expect(real).toEqual({ kind: 'refunded', paid: BigInt(paid), promo: BigInt(amount - paid) });
    expect(await this.db.ledger.refund(request)).toEqual({ kind: 'duplicate' });
    known.paid -= paid;
    known.promo -= amount - paid;
    of.paid += paid;
    of.promo += amount - paid;
  }

  async lease(ownerIndex: number, needed: number): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    const id = `lse_${newGenerationId()}`;
    const real = await this.db.leases.extend({
      leaseId: id,
      organizationId: of.real.organizationId,
      apiKeyId: of.real.apiKeyId,
      isLimited: of.limit !== null,
      gatewayId: 'gw_model',
      needed: nano(needed),
      slabMax: nano(400),
      slabMin: nano(1),
      ttlMs: 60_000,
    });
    if (of.isFrozen) return expect(real).toEqual({ kind: 'frozen' });
    const rests = [of.paid + of.promo - of.held, ...(of.limit === null ? [] : [of.limit - of.used - of.held])];
    const slab = Math.min(400, ...rests.map((rest) => Math.trunc(rest / 10)));
    if (slab < 1 || rests.some((rest) => needed > Math.trunc(rest / 4))) return expect(real).toEqual({ kind: 'low' });
    const granted = Math.max(slab, needed);
    expect(real).toMatchObject({ kind: 'granted', granted: BigInt(granted) });
    if (real.kind !== 'granted') return;
    of.held += granted;
    const day = new Date(real.nowMs).toISOString().slice(0, 10);
    this.leases.push({ owner: ownerIndex, id, day, left: granted, isOpen: true });
  }

  /** Small charges come first; what the lease cannot pay is charged without it, as far as the free credit goes. */
  async settleLeased(lease: ModelLease, charges: readonly number[]): Promise<void> {
    const of = this.ownerAt(lease.owner);
    const ids = charges.map(() => newGenerationId());
    const written = charges.map((charge, index) => {
      // Some had an attempt before that failed, which its provider bills us for.
      const loss = charge % 3 === 0 ? nano(charge + 1) : null;
      const failed =
        loss === null ? {} : { flags: ['attempts_insured'], attempts: [{ costNanodollars: String(loss) }] };
      return writeCharge({
        record: generationRecord(of.real, { id: ids[index] ?? '', ...failed }),
        charge: nano(charge),
        cost: nano(1),
        providerSlug: 'sandbox-north',
        lease: { id: lease.id, day: lease.day },
        ...(loss === null ? {} : { losses: [{ providerSlug: 'sandbox-south', cost: loss }] }),
      });
    });
    const real = await this.db.leases.settle(written);
    const bySize = charges.map((charge, at) => ({ charge, at })).sort((a, b) => a.charge - b.charge || a.at - b.at);
    const fitting = new Set<number>();
    let left = lease.isOpen ? lease.left : -1;
    for (const { charge, at } of bySize) {
      left -= charge;
      if (left >= 0) fitting.add(at);
    }
    const asGiven = charges.map((charge, at) => ({ charge, at }));
    // On the lease the small ones are booked first, too; without it in the order in which they were given.
    const paidBy = (isLease: boolean) =>
      (isLease ? bySize : asGiven).forEach(({ charge, at }) => {
        if (fitting.has(at) !== isLease) return;
        const charged = isLease ? charge : Math.min(charge, Math.max(of.paid + of.promo - of.held, 0));
        expect(real[at]).toEqual({ kind: isLease ? 'settled' : 'no_hold', charged: BigInt(charged) });
        if (isLease) {
          lease.left -= charge;
          of.held -= charge;
        }
        this.holds.set(ids[at] ?? '', {
          owner: lease.owner,
          amount: 0,
          state: 'settled',
          isLeased: isLease,
          ...this.take(of, charged),
        });
      });
    paidBy(true);
    paidBy(false);
  }

  async giveBack(lease: ModelLease, amount: number | 'all'): Promise<void> {
    const of = this.ownerAt(lease.owner);
    const returned = amount === 'all' ? lease.left : amount;
    const call = this.db.leases.giveBack({
      leaseId: lease.id,
      gatewayId: 'gw_model',
      amount: amount === 'all' ? amount : nano(amount),
    });
    if (!lease.isOpen) return expect(await call).toBe(false);
    if (returned > lease.left) return expect(call).rejects.toMatchObject({ code: 'internal' });
    expect(await call).toBe(true);
    lease.left -= returned;
    lease.isOpen = amount !== 'all';
    of.held -= returned;
  }

  async fence(lease: ModelLease): Promise<void> {
    await this.sql.query("UPDATE lease SET expires_at = clock_timestamp() - interval '1 minute' WHERE id = $1", [
      lease.id,
    ]);
    expect(await this.db.leases.fence({ graceMs: 1_000, limit: 100 })).toBe(lease.isOpen ? 1 : 0);
    if (!lease.isOpen) return;
    this.ownerAt(lease.owner).held -= lease.left;
    Object.assign(lease, { isOpen: false, left: 0 });
  }

  async freeze(ownerIndex: number, isFrozen: boolean): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    await this.db.ledger.setFrozen({ organizationId: of.real.organizationId, isFrozen });
    of.isFrozen = isFrozen;
  }
}
