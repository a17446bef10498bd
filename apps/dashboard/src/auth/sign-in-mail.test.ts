import { expect, test } from 'vitest';
import { signInMail } from './sign-in-mail.ts';

const url = 'http://localhost:3000/api/auth/callback/email?callbackUrl=%2F&token=0123abcd&email=ada%40example.com';

test('the mail carries the link in both its forms, and says how long it works', () => {
  const mail = signInMail(url);
  expect(mail.text).toContain(url);
  expect(mail.html).toContain(`href="${url.replaceAll('&', '&amp;')}"`);
  for (const part of [mail.text, mail.html]) expect(part).toMatch(/once, within 10 minutes/);
});

test('an address that tries to be HTML stays inside the link', () => {
  const hostile = `${url}&email="><script>alert(1)</script><a href='`;
  const { html, subject } = signInMail(hostile);
  expect(html).not.toContain('<script>');
  expect(html.match(/<a /g)).toHaveLength(1);
  expect(subject).toBe('Sign in to Bourse');
});
