import { describe, expect, test } from 'vitest';
import { createFaultRules, FAULT_NAMES, faultOfModel, parseFault } from './faults.ts';

describe('the fault in the name of a model', () => {
  test.each([
    ['atlas-1', undefined],
    ['default-500', undefined],
    ['fault-429', { kind: 'instead', name: '429', parameter: 2 }],
    ['atlas-instant-fault-hang', { kind: 'instead', name: 'hang', parameter: 0 }],
    ['atlas-instant-fault-hang-mid-stream', { kind: 'cut', name: 'hang-mid-stream', parameter: 5 }],
    ['x/fault-slow-first-byte-5000', { kind: 'spoilt', name: 'slow-first-byte', parameter: 5_000 }],
    ['fault-reset-mid-stream-0', { kind: 'cut', name: 'reset-mid-stream', parameter: 0 }],
    ['fault-429-instant', { kind: 'instead', name: '429', parameter: 2 }],
  ])('of %j is read', (model, fault) => expect(faultOfModel(model)).toEqual(fault));

  test('that does not exist is refused', () => {
    expect(() => faultOfModel('fault-gremlins')).toThrow(/no fault 'gremlins'/);
    expect(() => parseFault('4290')).toThrow(/no fault/);
  });
});

describe('standing orders', () => {
  const rule = { provider: '*', fault: '500', rate: 1, remaining: null };

  test('strike by their rate', () => {
    const dice = [0.1, 0.9, 0.2];
    const rules = createFaultRules(() => dice.shift() ?? 1);
    rules.add({ ...rule, rate: 0.5 });

    expect([1, 2, 3].map(() => rules.next('acme')?.name)).toEqual(['500', undefined, '500']);
  });

  test('are used up one by one, and the next one in line takes over', () => {
    const rules = createFaultRules(() => 0);
    rules.add({ ...rule, remaining: 1 });
    rules.add({ ...rule, provider: 'acme', fault: '429', remaining: 1 });

    expect([rules.next('acme')?.name, rules.next('other'), rules.next('acme')?.name]).toEqual([
      '500',
      undefined,
      '429',
    ]);
    expect(rules.list()).toEqual([]);
  });

  test('are cleared for one provider only', () => {
    const rules = createFaultRules(() => 0);
    rules.add({ ...rule, provider: 'acme' });
    rules.add({ ...rule, provider: 'other' });
    rules.clear('acme');

    expect(rules.list().map(({ provider }) => provider)).toEqual(['other']);
  });
});

test('every fault can be asked for by its own name', () => {
  for (const name of FAULT_NAMES) expect(parseFault(name).name).toBe(name);
});
