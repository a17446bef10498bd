import { expect, test } from 'vitest';
import { changesHref, cursorOf, loadChangesParams } from './search-params.ts';

test('the page’s state is in its URL, and nonsense in it is the default', async () => {
  expect(changesHref({ show: 'prices', before: '12' })).toBe('?show=prices&before=12');
  expect(await loadChangesParams(Promise.resolve({ show: 'weather' }))).toEqual({ show: 'all', before: null });
});

test.each([
  ['12', '12'],
  ['', null],
  ['1; DROP TABLE', null],
  ['1'.repeat(19), null],
  [null, null],
])('of the cursor %j %j is left', (before, cursor) => {
  expect(cursorOf(before)).toBe(cursor);
});
