import type { Usage } from '@bourse/generation';
import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allCells, describeTable, outcomeOf } from '../test/billing-table.ts';
import { anySheet, sheetOf } from '../test/builders.ts';
import { chargeRules, isDecidedBy } from './charge-rules.ts';
import { computeSettlement } from './compute-settlement.ts';
import { decideCharge, estimateNeed, type GenerationOutcome } from './decide-charge.ts';

const reported: Usage = { input: 100, output: 40, output_reasoning: 10 };
const estimate = { usage: { input: 120, output: 30 }, method: 'o200k_base' };

const answered: GenerationOutcome = {
  end: 'finished',
  finishReason: 'stop',
  usage: reported,
  usageState: 'final',
  hasOutput: true,
  isAbortable: true,
  isByok: false,
  isStreamed: true,
};

describe('the billing table', () => {
  test('has 480 cells, and exactly one row decides each', () => {
    expect(allCells).toHaveLength(480);
    expect(new Set(allCells.map((cell) => JSON.stringify(cell))).size).toBe(480);
    for (const cell of allCells) {
      const rows = chargeRules.filter((rule) => isDecidedBy(rule, cell)).map((rule) => rule.name);
      expect(rows, JSON.stringify(cell)).toHaveLength(1);
    }
  });

  test('has no row without a cell and no name twice', () => {
    for (const rule of chargeRules)
      expect(
        allCells.some((cell) => isDecidedBy(rule, cell)),
        rule.name,
      ).toBe(true);
    expect(new Set(chargeRules.map((rule) => rule.name)).size).toBe(chargeRules.length);
  });

  test('says what it said when a person read it last', async () => {
    await expect(describeTable()).toMatchFileSnapshot('../test/billing-table.txt');
  });

  test('holds in every cell: no charge without an answer, no absurd number, no cost of ours under BYOK', () => {
    for (const cell of allCells) {
      const decision = decideCharge(outcomeOf(cell), estimate);
      const where = JSON.stringify(cell);
      expect(decision.isCharged, where).toBe(decision.basis !== 'none');
      expect(new Set(decision.flags).size, where).toBe(decision.flags.length);
      if (!decision.isCharged) expect(decision.usage, where).toEqual({});
      if (cell.delivered === 'nothing') expect(decision.isCharged, where).toBe(false);
      if (cell.end === 'upstream_error' || cell.end === 'crashed') expect(decision.isCharged, where).toBe(false);
      if (cell.usage === 'absurd') {
        expect(decision.flags, where).toContain('usage_rejected');
        expect([decision.basis, decision.costBasis], where).not.toContain('reported');
      }
      expect(decision.flags.includes('estimated'), where).toBe(decision.basis === 'estimated');
      expect(decision.costBasis === 'none', where).toBe(cell.isByok);
      expect(decision.flags.includes('byok'), where).toBe(cell.isByok);
    }
  });

  test('asks for a tokenizer only where a customer pays by its count, and for no count where it would not be used', () => {
    for (const cell of allCells) {
      const need = estimateNeed(outcomeOf(cell));
      const decision = decideCharge(outcomeOf(cell), need === 'none' ? null : estimate);
      expect(need === 'precise', JSON.stringify(cell)).toBe(decision.basis === 'estimated');
      expect(decision).toEqual(decideCharge(outcomeOf(cell), estimate));
    }
  });
});

const actual = { usage: { ...reported, request: 1 }, basis: 'reported', flags: [], isCharged: true };
const ours = {
  usage: { ...estimate.usage, request: 1 },
  basis: 'estimated',
  flags: ['estimated', 'method:o200k_base'],
  isCharged: true,
};
const free = (...flags: readonly string[]) => ({ usage: {}, basis: 'none', flags, isCharged: false });
const atOurCost = { costUsage: { ...reported, request: 1 }, costBasis: 'reported' };

type Row = readonly [row: string, change: Partial<GenerationOutcome>, expected: object];
const rows: readonly Row[] = [
  ['finished with usage: the reported usage', {}, actual],
  ['finished without usage: our estimate, with its method', { usage: null, usageState: 'none' }, ours],
  [
    'finished with impossible counts: our estimate',
    { usageState: 'absurd' },
    { ...ours, flags: [...ours.flags, 'usage_rejected'] },
  ],
  ['finished for lack of room: the reported usage', { finishReason: 'length' }, actual],
  ['finished with output but no reason: the reported usage', { finishReason: null }, actual],
  [
    'filtered, with usage: the reported usage',
    { finishReason: 'content_filter', hasOutput: false, usage: { input: 100 } },
    { ...actual, usage: { input: 100, request: 1 } },
  ],
  [
    'filtered, without usage and without output: nothing',
    { finishReason: 'content_filter', hasOutput: false, usage: null, usageState: 'none' },
    free('cost_estimated', 'method:o200k_base', 'insured'),
  ],
  ['only hidden reasoning, counted: the reported usage', { finishReason: 'length', hasOutput: false }, actual],
  [
    'nothing written, whatever the reason: nothing, at our cost',
    { hasOutput: false, usage: { input: 100 } },
    { ...free('insured'), costUsage: { input: 100, request: 1 }, costBasis: 'reported' },
  ],
  [
    'finished with the reason error: nothing, at our cost',
    { finishReason: 'error' },
    { ...free('insured'), ...atOurCost },
  ],
  [
    'failed after the first token: nothing, at our cost',
    { end: 'upstream_error', finishReason: null },
    { ...free('insured'), ...atOurCost },
  ],
  ['cancelled with usage: the reported usage', { end: 'client_cancelled' }, { ...actual, flags: ['cancelled'] }],
  [
    'cancelled and drained with usage: the reported usage',
    { end: 'client_cancelled', isAbortable: false },
    { ...actual, flags: ['cancelled_drained'] },
  ],
  [
    'cancelled without usage: our estimate of prompt and output',
    { end: 'client_cancelled', usage: null, usageState: 'none', finishReason: null },
    { ...ours, flags: [...ours.flags, 'cancelled'] },
  ],
  [
    'cancelled before any output: nothing',
    { end: 'client_cancelled', hasOutput: false, finishReason: null },
    free('cancelled_early'),
  ],
  [
    'timed out in a stream: the output alone, at our cost',
    { end: 'timeout', finishReason: null },
    {
      usage: { output: 40, output_reasoning: 10, request: 0 },
      basis: 'reported',
      flags: ['timeout'],
      isCharged: true,
      ...atOurCost,
    },
  ],
  ['timed out in a whole answer: nothing', { end: 'timeout', isStreamed: false }, free('timeout')],
  [
    'crashed: nothing, at our cost',
    { end: 'crashed', usage: null, usageState: 'none' },
    { ...free('cost_estimated', 'method:o200k_base', 'crash'), costUsage: { ...estimate.usage, request: 1 } },
  ],
  [
    'BYOK: a fee, and no cost of ours',
    { isByok: true },
    { ...actual, flags: ['byok'], isFeeOnly: true, costUsage: {}, costBasis: 'none' },
  ],
];

describe('decideCharge', () => {
  test.each(rows)('%s', (_row, change, expected) => {
    expect(decideCharge({ ...answered, ...change }, estimate)).toMatchObject(expected);
  });

  test('counts the request that the provider counted instead of its own', () => {
    expect(decideCharge({ ...answered, usage: { ...reported, request: 2 } }, null).usage.request).toBe(2);
  });

  test('keeps what a partial report knows, and never goes below what it said or what we counted', () => {
    const partial = (usage: Usage) => decideCharge({ ...answered, usage, usageState: 'partial' }, estimate).usage;
    expect(partial({ input: 90, input_cache_read: 10, output: 5 })).toMatchObject({
      input: 90,
      input_cache_read: 10,
      output: 30,
    });
    expect(partial({ input: 100, output: 20, output_reasoning: 300 })).toMatchObject({
      input: 100,
      output: 20,
      output_reasoning: 300,
    });
    expect(partial({ input: 0, output: 40 })).toMatchObject({ input: 120, output: 40 });
  });

  test('books no cost for a provider that did nothing', () => {
    const refused = { ...answered, end: 'upstream_error', usage: null, usageState: 'none', hasOutput: false } as const;
    expect(decideCharge(refused, null)).toMatchObject({ costUsage: {}, costBasis: 'none', flags: ['insured'] });
  });
});

const anyCell = fc.constantFrom(...allCells);
const tokens = fc.record({ input: fc.integer({ min: 1, max: 40_000 }), output: fc.nat(40_000) });
const markupBps = 550;
const price = (input: { outcome: GenerationOutcome; own: Usage; sheet?: ReturnType<typeof sheetOf>; hold?: bigint }) =>
  computeSettlement({
    decision: decideCharge(input.outcome, { usage: input.own, method: 'o200k_base' }),
    sheet: input.sheet ?? sheetOf(),
    markupBps,
    holdAmount: nanodollars(input.hold ?? 10n ** 15n),
    chargeMax: null,
  });

describe('the charge of a decision', () => {
  test('grows with tokens, reported or counted (I20)', () => {
    fc.assert(
      fc.property(anyCell, tokens, fc.nat(1_000), fc.nat(1_000), (cell, usage, moreIn, moreOut) => {
        const more = { input: usage.input + moreIn, output: usage.output + moreOut };
        const of = (used: Usage) =>
          price({ outcome: { ...outcomeOf(cell), usage: cell.usage === 'none' ? null : used }, own: used });
        expect(of(more).charge >= of(usage).charge).toBe(true);
        expect(of(more).cost >= of(usage).cost).toBe(true);
      }),
    );
  });

  test('grows with prices (I20)', () => {
    fc.assert(
      fc.property(anyCell, anySheet, tokens, fc.nat(50_000), (cell, sheet, usage, more) => {
        const dearer = sheetOf(
          sheet.lines.map((line) => ({ ...line, price: picodollarsPerUnit(line.price + BigInt(more)) })),
        );
        const at = (each: typeof sheet) =>
          price({ outcome: { ...outcomeOf(cell), usage }, own: usage, sheet: each }).charge;
        expect(at(dearer) >= at(sheet)).toBe(true);
      }),
    );
  });

  test('is nothing where nothing was delivered (P9)', () => {
    fc.assert(
      fc.property(
        anyCell.filter((cell) => cell.delivered === 'nothing'),
        tokens,
        (cell, usage) => {
          expect(price({ outcome: { ...outcomeOf(cell), usage: { input: usage.input } }, own: usage }).charge).toBe(0n);
        },
      ),
    );
  });

  test('never takes more than the hold when it is our own count', () => {
    fc.assert(
      fc.property(anyCell, tokens, fc.bigInt({ min: 0n, max: 100_000_000n }), (cell, usage, hold) => {
        const { charge } = price({ outcome: outcomeOf(cell), own: usage, hold });
        if (cell.usage !== 'final') expect(charge <= hold).toBe(true);
      }),
    );
  });

  test('does not depend on absurd numbers, and neither does the cost', () => {
    const absurd = anyCell.filter((cell) => cell.usage === 'absurd');
    fc.assert(
      fc.property(absurd, tokens, fc.double(), (cell, own, count) => {
        const outcome = outcomeOf(cell);
        const told = decideCharge({ ...outcome, usage: { input: count, output: count } }, { usage: own, method: 'm' });
        expect(told).toEqual(decideCharge({ ...outcome, usage: null }, { usage: own, method: 'm' }));
      }),
    );
  });
});
