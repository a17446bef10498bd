import { expect, test } from 'vitest';
import { returnPath } from './return-path.ts';

const SITE = 'https://bourse.example';

test.each([
  ['/settings/keys', '/settings/keys'],
  ['/activity?model=a%2Fb&period=week', '/activity?model=a%2Fb&period=week'],
  ['https://bourse.example/chat', '/chat'],
  ['chat', '/chat'],
])('%j is a place of this site', (wanted, path) => {
  expect(returnPath(wanted, SITE)).toBe(path);
});

test.each([
  null,
  '',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https:evil.example//x',
  'https://evil.example/settings',
  'https://bourse.example@evil.example/',
  'https://bourse.example.evil.example/',
  'http://bourse.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  '\thttps://evil.example',
  'https://[',
  '/.//evil.example',
  '/x/..//evil.example',
])('%j leads home', (wanted) => {
  expect(new URL(returnPath(wanted, SITE), SITE).origin).toBe(SITE);
  expect(returnPath(wanted, SITE)).toMatch(/^\/(?![/\\])/);
});
