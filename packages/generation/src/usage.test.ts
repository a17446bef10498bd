import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject } from './json.ts';
import { meters, usageTotals } from './usage.ts';

describe('usageTotals', () => {
  test('counts every token meter on exactly one side, and nothing that is no token', () => {
    for (const meter of meters) {
      const { inputTokens, outputTokens } = usageTotals({ [meter]: 5 });
      const isToken = meter.startsWith('input') || meter.startsWith('output');
      expect(inputTokens + outputTokens).toBe(isToken ? 5 : 0);
      expect(inputTokens).toBe(meter.startsWith('input') ? 5 : 0);
    }
  });

  test('adds the meters up', () => {
    const tokenMeters = meters.filter((meter) => /^(in|out)put/.test(meter));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...tokenMeters), fc.nat(1000)), (usage) => {
        const { inputTokens, outputTokens } = usageTotals(usage);
        expect(inputTokens + outputTokens).toBe(Object.values(usage).reduce((sum, count) => sum + count, 0));
      }),
    );
  });

  test('an empty usage has no tokens', () => {
    expect(usageTotals({})).toEqual({ inputTokens: 0, outputTokens: 0 });
  });
});

describe('isJsonObject', () => {
  test.each([[null], [undefined], [[]], ['{}'], [5], [true], [() => undefined]])('%o is no object', (value) => {
    expect(isJsonObject(value)).toBe(false);
  });

  test.each([[{}], [{ a: 1 }], [JSON.parse('{"__proto__":null}')]])('%o is one', (value) => {
    expect(isJsonObject(value)).toBe(true);
  });
});
