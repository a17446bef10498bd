import { expect, test } from 'vitest';
import { createMailbox, linksOf } from './mailbox.ts';

test('the mailbox keeps the last 500 mails, newest first', async () => {
  const mailbox = createMailbox(() => 0);
  for (let index = 0; index < 505; index += 1) {
    await mailbox.receive(Buffer.from(`Subject: ${index}\r\n\r\nx`), { from: 'a@b.test', to: ['Many@example.com'] });
  }
  const mails = mailbox.list('many@example.com ');

  expect(mails).toHaveLength(500);
  expect([mails[0]?.subject, mails.at(-1)?.subject]).toEqual(['504', '5']);
});

test.each([
  ['See https://a.test/x?y=1&z=2.', null, ['https://a.test/x?y=1&z=2']],
  ['(https://a.test/x)', null, ['https://a.test/x']],
  ['https://a.test', '<a href="https://a.test">a</a><a href="mailto:x@y.test">m</a>', ['https://a.test']],
  ['', "<A HREF = 'http://b.test/?a=1&amp;b=2'>b</A>", ['http://b.test/?a=1&b=2']],
  ['http://', '<a href="/relative">r</a>', []],
])('the links of %j and %j are %j', (text, html, links) => {
  expect(linksOf(text, html)).toEqual(links);
});
