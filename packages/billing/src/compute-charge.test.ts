import { meters, type Usage } from '@bourse/generation';
import { picodollarsPerUnit } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMarkup, anySheet, anyUsage, line, sheetOf } from '../test/builders.ts';
import { computeCharge } from './compute-charge.ts';

describe('computeCharge', () => {
  test('multiplies, adds the markup and rounds up once', () => {
    const sheet = sheetOf([line('input', '0.15'), line('output', '0.6')]);
    // 7 x 150,000 + 3 x 600,000 = 2,850,000 pico = 2,850 nano; x 1.055 = 3,006.75, rounded up.
    expect(computeCharge({ sheet, usage: { input: 7, output: 3 }, markupBps: 550 })).toMatchObject({
      charge: 3_007n,
      cost: 2_850n,
    });
  });

  test('charges nothing for nothing', () => {
    expect(computeCharge({ sheet: sheetOf(), usage: {}, markupBps: 550 })).toEqual({ charge: 0n, cost: 0n, lines: [] });
  });

  test('never charges less than the call costs, and nothing negative', () => {
    fc.assert(
      fc.property(anySheet, anyUsage, anyMarkup, (sheet, usage, markupBps) => {
        const { charge, cost } = computeCharge({ sheet, usage, markupBps });
        expect(cost >= 0n && charge >= cost).toBe(true);
      }),
    );
  });

  test('charges at least as much for more usage of the same tier', () => {
    const oneTier = anySheet.map((sheet) => sheetOf(sheet.lines.filter((each) => each.aboveInputTokens === 0)));
    fc.assert(
      fc.property(oneTier, anyUsage, anyMarkup, fc.constantFrom(...meters), (sheet, usage, markupBps, meter) => {
        const more: Usage = { ...usage, [meter]: (usage[meter] ?? 0) + 1 };
        const before = computeCharge({ sheet, usage, markupBps }).charge;
        expect(computeCharge({ sheet, usage: more, markupBps }).charge >= before).toBe(true);
      }),
    );
  });

  test('charges at least as much at higher prices and at a higher markup', () => {
    fc.assert(
      fc.property(anySheet, anyUsage, fc.nat(50_000), fc.nat(50_000), (sheet, usage, markupBps, more) => {
        const dearer = sheetOf(
          sheet.lines.map((each) => ({ ...each, price: picodollarsPerUnit(each.price + BigInt(more)) })),
        );
        const before = computeCharge({ sheet, usage, markupBps }).charge;
        expect(computeCharge({ sheet: dearer, usage, markupBps }).charge >= before).toBe(true);
        expect(computeCharge({ sheet, usage, markupBps: markupBps + more }).charge >= before).toBe(true);
      }),
    );
  });

  test('rounds by less than a nanodollar, and its lines add up to it', () => {
    fc.assert(
      fc.property(anySheet, anyUsage, anyMarkup, (sheet, usage, markupBps) => {
        const { charge, cost, lines } = computeCharge({ sheet, usage, markupBps });
        const exact = lines.reduce((sum, each) => sum + BigInt(each.quantity) * each.price, 0n);
        const excess = charge * 10_000_000n - exact * BigInt(10_000 + markupBps);
        expect(excess >= 0n && excess < 10_000_000n).toBe(true);
        expect(cost * 1_000n - exact >= 0n && cost * 1_000n - exact < 1_000n).toBe(true);
      }),
    );
  });
});
