import { expect, test } from 'vitest';
import { loginChoices, verifiedGitHubEmail } from './login-providers.ts';

const email = (changes: object) => ({
  email: 'ada@example.com',
  primary: true,
  verified: true,
  visibility: null,
  ...changes,
});

test('of the addresses at GitHub only the primary one counts, and only when GitHub verified it', () => {
  const other = email({ email: 'other@example.com', primary: false });
  expect(verifiedGitHubEmail([other, email({})])).toBe('ada@example.com');
  expect(verifiedGitHubEmail([other, email({ verified: false })])).toBeNull();
  expect(verifiedGitHubEmail([])).toBeNull();
  expect(verifiedGitHubEmail({ message: 'Bad credentials' })).toBeNull();
});

test('a company that is not configured is not offered', () => {
  const none = { AUTH_GITHUB_ID: undefined, AUTH_GOOGLE_ID: undefined };
  expect(loginChoices(none)).toEqual([]);
  expect(loginChoices({ ...none, AUTH_GOOGLE_ID: 'id' })).toEqual([{ id: 'google', name: 'Google' }]);
});
