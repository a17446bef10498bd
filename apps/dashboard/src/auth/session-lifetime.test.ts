import { expect, test } from 'vitest';
import { isDueToSlide, newSessionToken, sessionEndsBy, sessionExpiry } from './session-lifetime.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 22);

test('a session that is used every day ends after 30 days all the same', () => {
  const token = newSessionToken(NOW_MS);
  const ends = [0, 22, 23, 24, 29.999].map((day) => sessionExpiry(token, NOW_MS + day * DAY_MS)?.getTime());
  expect(ends.map((end) => ((end ?? 0) - NOW_MS) / DAY_MS)).toEqual([7, 29, 30, 30, 30]);
  expect(sessionExpiry(token, NOW_MS + 30 * DAY_MS)).toBeNull();
});

test('a token that did not come from us has no session', () => {
  const token = newSessionToken(NOW_MS);
  for (const forged of [
    '',
    'x',
    token.slice(0, -1),
    `${token}x`,
    token.replace('.', '-'),
    token.replace(/^\d+/, 'never'),
  ]) {
    expect(sessionEndsBy(forged)).toBeNull();
    expect(sessionExpiry(forged, NOW_MS)).toBeNull();
  }
});

test('two tokens of the same moment have nothing but the moment in common', () => {
  const [one, other] = [newSessionToken(NOW_MS), newSessionToken(NOW_MS)];
  expect(one).not.toBe(other);
  expect(one.split('.')[0]).toBe(other.split('.')[0]);
});

test('the end of a session is written down again once a day, not with every page', () => {
  const stored = new Date(NOW_MS + 7 * DAY_MS);
  expect(isDueToSlide(stored, new Date(stored.getTime() + DAY_MS - 1))).toBe(false);
  expect(isDueToSlide(stored, new Date(stored.getTime() + DAY_MS))).toBe(true);
});
