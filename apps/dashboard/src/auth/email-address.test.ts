import { expect, test } from 'vitest';
import { parseEmailAddress } from './email-address.ts';

test.each([
  ['ada@example.com', 'ada@example.com'],
  ['  Ada.Lovelace+bourse@Example.COM ', 'ada.lovelace+bourse@example.com'],
  ['demo@bourse.local', 'demo@bourse.local'],
])('%j is the address %j', (text, address) => {
  expect(parseEmailAddress(text)).toBe(address);
});

test.each([
  'ada@example.com,eve@example.com',
  'ada@example.com, eve@example.com',
  'ada@example.com;eve@example.com',
  'ada@example.com eve@example.com',
  'ada@example.com\neve@example.com',
  'ada@example.com\r\nBcc: eve@example.com',
  'Ada <ada@example.com>',
  '<ada@example.com>',
  '"ada"@example.com',
  '"ada@example.com,eve"@example.com',
  'ada@eve@example.com',
  'ada@example.com,@example.com',
  'ada(comment)@example.com',
  'ada@example',
  'ada@-example.com',
  'ada@[127.0.0.1]',
  'аda@example.com',
  'ada@exаmple.com',
  'ada\u0000@example.com',
  'ada\u202e@example.com',
  '@example.com',
  '',
  `${'a'.repeat(250)}@example.com`,
])('%j is no address', (text) => {
  expect(parseEmailAddress(text)).toBeNull();
});

test.each([null, undefined, 7, {}, ['ada@example.com'], { toString: () => 'ada@example.com' }])(
  '%j is no address: only text is',
  (value) => {
    expect(parseEmailAddress(value)).toBeNull();
  },
);
