import { expect, test } from 'vitest';
import { type DataRegion, runsInRegion } from './data-region.ts';

test.each<[readonly string[], DataRegion, boolean]>([
  [['FR', 'DE'], 'eu', true],
  [['FR', 'US'], 'eu', false],
  [['US'], 'us', true],
  [['GB'], 'eu', false],
  [[], 'eu', false],
])('an endpoint in %j runs in %s: %s', (regions, region, isThere) => {
  expect(runsInRegion({ regions }, region)).toBe(isThere);
});
