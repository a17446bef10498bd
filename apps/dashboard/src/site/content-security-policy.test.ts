import { expect, test } from 'vitest';
import { contentSecurityPolicy } from './content-security-policy.ts';

test('scripts run by nonce only, and nobody may frame the page', () => {
  const policy = contentSecurityPolicy({ nonce: 'abc', isDevelopment: false });
  expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe-eval');
});

test('only development may eval', () => {
  expect(contentSecurityPolicy({ nonce: 'abc', isDevelopment: true })).toContain("'unsafe-eval'");
});
