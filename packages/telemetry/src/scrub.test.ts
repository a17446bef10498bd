import { expect, test } from 'vitest';
import { scrub } from './scrub.ts';

test('keys, bearer headers, webhook secrets and JWTs never survive a log line', () => {
  const text =
    'key sk-brs-v1-abcdefghijkl, Authorization: Bearer abc.def-123456, whsec_0123456789, jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl';
  const clean = scrub(text);
  for (const secret of ['abcdefghijkl', 'abc.def-123456', '0123456789', 'c2lnbmF0dXJl'])
    expect(clean).not.toContain(secret);
});

test('ordinary words pass unchanged', () => {
  expect(scrub('settled gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T in 3 ms')).toBe(
    'settled gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T in 3 ms',
  );
});
