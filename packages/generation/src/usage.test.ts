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
    const usages = fc.record(Object.fromEntries(meters.map((meter) => [meter, fc.nat(1000)])), { requiredKeys: [] });
    fc.assert(
      fc.property(usages, (usage: Record<string, number>) => {
        const { inputTokens, outputTokens } = usageTotals(usage);
        const { request = 0, web_search: searches = 0, ...tokens } = usage;
        const all = Object.values(tokens).reduce((sum, count) => sum + count, 0);
        expect(inputTokens + outputTokens).toBe(all);
        expect(request + searches).toBeGreaterThanOrEqual(0);
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
