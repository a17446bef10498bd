import { expect, test } from 'vitest';
import { tryCard } from './cards.ts';

const now = Date.UTC(2026, 10, 22);
const input = { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123' };

test.each([
  [{}, { kind: 'approved', brand: 'visa', last4: '4242' }],
  [{ number: '5555-5555-5555-4444' }, { kind: 'approved', brand: 'mastercard', last4: '4444' }],
  [{ expiry: '11/2026' }, { kind: 'approved' }],
  [{ expiry: '10/26' }, { kind: 'malformed', message: expect.stringContaining('in the past') }],
  [{ expiry: '13/30' }, { kind: 'malformed', message: expect.stringContaining('incomplete') }],
  [{ cvc: '12' }, { kind: 'malformed' }],
  [{ number: '4242424242424241' }, { kind: 'malformed' }],
  [{ number: '' }, { kind: 'malformed' }],
  [{ number: '4000000000000002' }, { kind: 'declined', code: 'card_declined', declineCode: 'generic_decline' }],
  [{ number: '4000000000009995' }, { kind: 'declined', declineCode: 'insufficient_funds' }],
  [{ number: '4111111111111111' }, { kind: 'declined', declineCode: 'test_mode_live_card' }],
])('a card with %j is %j', (change, result) => {
  expect(tryCard({ ...input, ...change }, now)).toMatchObject(result);
});
