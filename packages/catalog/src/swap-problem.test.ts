import { expect, test } from 'vitest';
import { dataOf, endpointOf, line, providerOf } from '../test/builders.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { swapProblem } from './swap-problem.ts';
import type { PriceLine } from './types.ts';

const names = ['a', 'b', 'c', 'd'];
const snapshotOf = (providers: readonly string[], lines?: readonly PriceLine[]) =>
  buildSnapshot(
    dataOf({
      providers: names.map((name) => providerOf(name)),
      endpoints: providers.map((providerSlug) =>
        endpointOf({ providerSlug, ...(lines === undefined ? {} : { lines }) }),
      ),
    }),
    'v',
  );
const current = snapshotOf(names);

test('a change of some endpoints and of prices within reason is taken', () => {
  expect(swapProblem(current, current)).toBeNull();
  expect(swapProblem(current, snapshotOf(['a', 'b']))).toBeNull();
  expect(swapProblem(current, snapshotOf(names, [line('input', '600'), line('output', '9999')]))).toBeNull();
  expect(swapProblem(snapshotOf([]), current)).toBeNull();
});

test.each([
  ['nothing is left', snapshotOf([]), 'of 4 endpoints 4 are gone'],
  ['more than half is gone', snapshotOf(['a']), 'of 4 endpoints 3 are gone'],
  [
    'a price is absurd',
    snapshotOf(names, [line('input', '1'), line('output', '15000')]),
    'endpoint maker/one@a asks an absurd price for output',
  ],
])('it is refused when %s', (_case, next, problem) => {
  expect(swapProblem(current, next)).toBe(problem);
});
