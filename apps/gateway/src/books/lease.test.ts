import { nanodollars } from '@bourse/money';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lease } from './lease.ts';

const nano = (amount: number) => nanodollars(BigInt(amount));
const leaseOf = (granted: number): Lease => {
  const lease = new Lease('lse_1', { day: null, nowMs: 0 });
  lease.grant(nano(granted));
  return lease;
};

test('what a request may cost is not free until it ends, and what it cost is not free again when it is booked', () => {
  const lease = leaseOf(100);
  lease.reserve(nano(60), 5);
  expect([lease.free, lease.reserved, lease.isBusy, lease.usedAtMs]).toEqual([40n, 60n, true, 5]);
  lease.owe(nano(60), nano(10));
  expect([lease.free, lease.reserved, lease.isBusy]).toEqual([90n, 0n, true]);
  lease.booked(nano(10), true);
  expect([lease.free, lease.isBusy]).toEqual([90n, false]);
});

test('a charge that was booked elsewhere leaves the lease as it was', () => {
  const lease = leaseOf(100);
  lease.reserve(nano(60), 0);
  lease.owe(nano(60), nano(10));
  lease.booked(nano(10), false);
  expect(lease.free).toBe(100n);
});

test('only what is free can be taken out, and never less than nothing', () => {
  const lease = leaseOf(100);
  lease.reserve(nano(60), 0);
  expect(lease.takeFree()).toBe(40n);
  expect(lease.takeFree()).toBe(0n);
  // More than was set aside: the books decide who pays, the lease has nothing left.
  lease.owe(nano(60), nano(90));
  expect(lease.free).toBe(-30n);
  expect(lease.takeFree()).toBe(0n);
});

test('it is low when less than half of it is free', () => {
  const lease = leaseOf(100);
  lease.reserve(nano(50), 0);
  expect(lease.isLow).toBe(false);
  lease.reserve(nano(1), 0);
  expect(lease.isLow).toBe(true);
});

test('whatever happens in whichever order, what is free, set aside, owed and spent is what was granted', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('reserve' as const), amount: fc.nat(50) }),
    fc.record({ kind: fc.constant('owe' as const), amount: fc.nat(60) }),
    fc.record({ kind: fc.constant('booked' as const), isOwn: fc.boolean() }),
    fc.record({ kind: fc.constant('grant' as const), amount: fc.nat(100) }),
    fc.record({ kind: fc.constant('takeFree' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lease = leaseOf(0);
      const running: number[] = [];
      const owed: number[] = [];
      let granted = 0n;
      for (const each of steps) {
        switch (each.kind) {
          case 'reserve':
            if (lease.free < BigInt(each.amount)) continue;
            lease.reserve(nano(each.amount), 0);
            running.push(each.amount);
            break;
          case 'owe': {
            const reserved = running.shift();
            if (reserved === undefined) continue;
            lease.owe(nano(reserved), nano(each.amount));
            owed.push(each.amount);
            break;
          }
          case 'booked': {
            const charge = owed.shift();
            if (charge === undefined) continue;
            lease.booked(nano(charge), each.isOwn);
            if (each.isOwn) granted -= BigInt(charge);
            break;
          }
          case 'grant':
            lease.grant(nano(each.amount));
            granted += BigInt(each.amount);
            break;
          case 'takeFree':
            granted -= lease.takeFree();
        }
        const sum = (amounts: readonly number[]) => BigInt(amounts.reduce((total, amount) => total + amount, 0));
        expect(lease.reserved).toBe(sum(running));
        expect(lease.free).toBe(granted - sum(running) - sum(owed));
        expect(lease.isBusy).toBe(sum(running) > 0n || sum(owed) > 0n);
      }
    }),
  );
});
