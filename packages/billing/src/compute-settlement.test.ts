import { nanodollars } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMarkup, anySheet, anyUsage, sheetOf } from '../test/builders.ts';
import { computeSettlement, type SettlementInput } from './compute-settlement.ts';

const usage = { input: 1_000, output: 100 };
const input: SettlementInput = {
  decision: { usage, basis: 'reported', costUsage: usage, isFeeOnly: false },
  sheet: sheetOf(),
  markupBps: 1_000,
  holdAmount: nanodollars(1_000_000n),
  chargeMax: null,
};
const COST = 1_000n * 2_500n + 100n * 10_000n;

describe('computeSettlement', () => {
  test('charges reported usage with markup, also above the hold', () => {
    expect(computeSettlement(input)).toMatchObject({ charge: (COST * 11n) / 10n, cost: COST, isCapped: false });
  });

  test('caps our own count at the hold, and says so', () => {
    const decision = { ...input.decision, basis: 'estimated' } as const;
    expect(computeSettlement({ ...input, decision })).toMatchObject({ charge: 1_000_000n, cost: COST, isCapped: true });
  });

  test('caps whatever was reported at the ceiling that the customer was promised', () => {
    const chargeMax = nanodollars(2_000_000n);
    expect(computeSettlement({ ...input, chargeMax })).toMatchObject({
      charge: 2_000_000n,
      cost: COST,
      isCapped: true,
    });
    expect(computeSettlement({ ...input, chargeMax: nanodollars(COST * 2n) }).isCapped).toBe(false);
  });

  test('keeps the cost of what the customer does not pay', () => {
    const decision = { usage: {}, basis: 'none', costUsage: usage, isFeeOnly: false } as const;
    expect(computeSettlement({ ...input, decision })).toMatchObject({
      charge: 0n,
      cost: COST,
      lines: [],
      isCapped: false,
    });
  });

  test('charges the markup alone for what the customer pays its provider itself', () => {
    const decision = { ...input.decision, costUsage: {}, isFeeOnly: true };
    expect(computeSettlement({ ...input, decision })).toMatchObject({ charge: COST / 10n, cost: 0n });
  });

  test('charges what a plugin costs with markup, as a line of its own, and books none of it as the provider’s', () => {
    const surcharges = [{ meter: 'plugin_web', quantity: 2, pricePicodollars: 7_000_000_000n }] as const;
    const plain = computeSettlement(input);
    const settled = computeSettlement({ ...input, surcharges });
    expect(settled.charge - plain.charge).toBe((14_000_000n * 11n) / 10n);
    expect(settled).toMatchObject({ cost: plain.cost, costParts: plain.costParts });
    expect(settled.lines.at(-1)).toEqual({ meter: 'plugin_web', quantity: 2, price: 7_000_000_000n, tier: 0 });
    const chargeMax = nanodollars(plain.charge);
    expect(computeSettlement({ ...input, surcharges, chargeMax })).toMatchObject({ charge: chargeMax, isCapped: true });
  });

  test('one usage that is charged and booked comes to what two equal ones do', () => {
    fc.assert(
      fc.property(anySheet, anyUsage, anyMarkup, (sheet, counts, markupBps) => {
        const settled = (costUsage: typeof counts) =>
          computeSettlement({ ...input, sheet, markupBps, decision: { ...input.decision, usage: counts, costUsage } });
        expect(settled(counts)).toEqual(settled({ ...counts }));
      }),
    );
  });

  test('never charges more than a ceiling, nothing negative, and no estimate above the hold', () => {
    fc.assert(
      fc.property(
        anySheet,
        anyUsage,
        anyMarkup,
        fc.record({
          hold: fc.bigInt({ min: 0n, max: 10n ** 12n }),
          ceiling: fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n })),
          basis: fc.constantFrom('reported', 'estimated'),
          isFeeOnly: fc.boolean(),
        }),
        (sheet, used, markupBps, { hold, ceiling, basis, isFeeOnly }) => {
          const chargeMax = ceiling === null ? null : nanodollars(ceiling);
          const decision = { usage: used, basis, costUsage: used, isFeeOnly } as const;
          const settlement = computeSettlement({
            decision,
            sheet,
            markupBps,
            holdAmount: nanodollars(hold),
            chargeMax,
          });
          expect(settlement.charge >= 0n && settlement.cost >= 0n).toBe(true);
          if (ceiling !== null) expect(settlement.charge <= ceiling).toBe(true);
          if (basis === 'estimated') expect(settlement.charge <= hold).toBe(true);
        },
      ),
    );
  });
});
