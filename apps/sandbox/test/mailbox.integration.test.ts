import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSandbox, type SandboxAddress } from '../src/index.ts';

const sandbox = createSandbox();
let address: SandboxAddress = { url: '', port: 0, smtpPort: null };
beforeAll(async () => {
  address = await sandbox.listen();
});
afterAll(() => sandbox.close());

/** Speaks SMTP, one line at a time, and gives every answer of the server. */
async function smtp(lines: readonly string[]): Promise<string[]> {
  const socket = connect(address.smtpPort ?? 0, '127.0.0.1');
  const answers: string[] = [];
  const pending = [...lines];
  for await (const line of createInterface({ input: socket })) {
    // `250-` announces that more lines follow.
    if (/^\d{3}-/.test(line)) continue;
    answers.push(line);
    const next = pending.shift();
    if (next === undefined) break;
    socket.write(`${next}\r\n`);
  }
  socket.destroy();
  return answers;
}

const send = (to: readonly string[], mail: string) =>
  smtp([
    'EHLO test',
    'MAIL FROM:<noreply@bourse.test>',
    ...to.map((each) => `RCPT TO:<${each}>`),
    'DATA',
    `${mail.replaceAll('\n', '\r\n')}\r\n.`,
    'QUIT',
  ]);

type Mails = {
  mails: { id: string; to: string[]; subject: string; text: string; html: string | null; links: string[] }[];
};
const mailsTo = async (to: string): Promise<Mails['mails']> => {
  const response = await fetch(`${address.url}/mailbox.json?to=${encodeURIComponent(to)}`);
  // The test reads what it sent itself.
  return ((await response.json()) as Mails).mails;
};

const SIGN_IN = `From: Bourse <noreply@bourse.test>
To: Ada <Ada@Example.com>
Subject: =?UTF-8?Q?Sign_in_to_Bourse_=E2=9C=93?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=cut

--cut
Content-Type: text/plain; charset=utf-8

Sign in: http://localhost:3000/api/auth/callback?token=a=1&email=ada%40example.com.
--cut
Content-Type: text/html; charset=utf-8

<p style="color:red">Hello</p><script>alert(1)</script>
<a href="http://localhost:3000/api/auth/callback?token=a=1&amp;email=ada%40example.com">Sign in</a>
<a href="javascript:alert(1)">bad</a> <a href='https://bourse.test/help'>Help</a>
--cut--`;

describe('a mail', () => {
  test('is kept with its text, its HTML and its links, and found by its recipient', async () => {
    const answers = await send(['Ada@Example.com'], SIGN_IN);
    const [mail, ...others] = await mailsTo('ada@example.com');

    expect(answers.at(-2)).toMatch(/^250 kept as mail_/);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      id: expect.stringMatching(/^mail_/),
      to: ['ada@example.com'],
      from: 'noreply@bourse.test',
      subject: 'Sign in to Bourse ✓',
      text: expect.stringContaining('Sign in: http://localhost:3000'),
      html: expect.stringContaining('<a href='),
      links: ['http://localhost:3000/api/auth/callback?token=a=1&email=ada%40example.com', 'https://bourse.test/help'],
      receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  test('is shown with clickable links, and its own HTML cannot run or escape', async () => {
    await send(['show@example.com'], SIGN_IN);
    const [mail] = await mailsTo('show@example.com');
    const response = await fetch(`${address.url}/mailbox/${mail?.id}`);
    const page = await response.text();

    expect(page).toContain(
      '<a href="http://localhost:3000/api/auth/callback?token=a=1&amp;email=ada%40example.com" rel="noreferrer">',
    );
    expect(page).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(page).not.toContain('<script>');
    expect(response.headers.get('content-security-policy')).not.toContain('script-src');
  });

  test('of plain text is escaped', async () => {
    await send(['plain@example.com'], 'Subject: <i>hi</i>\n\n<img src=x onerror=alert(1)> & more');
    const [mail] = await mailsTo('plain@example.com');
    const page = await (await fetch(`${address.url}/mailbox/${mail?.id}`)).text();

    expect(mail?.html).toBeNull();
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; more');
    expect(page).not.toContain('<i>hi');
  });

  test('to several people, hidden ones included, is found by each', async () => {
    await send(['one@example.com', 'two@example.com'], 'To: one@example.com\nSubject: Both\n\nHello');

    expect((await mailsTo('one@example.com')).map(({ subject }) => subject)).toEqual(['Both']);
    expect((await mailsTo('TWO@example.com')).map(({ subject }) => subject)).toEqual(['Both']);
  });
});

describe('the mailbox page', () => {
  test('lists the newest first, and only those to one address when asked', async () => {
    await send(['list@example.com'], 'Subject: Older one\n\nx');
    await send(['list@example.com'], 'Subject: Newer one\n\nx');
    await send(['other@example.com'], 'Subject: For another\n\nx');
    const page = await (await fetch(`${address.url}/mailbox?to=list@example.com`)).text();

    expect(page.indexOf('Newer one')).toBeGreaterThan(0);
    expect(page.indexOf('Newer one')).toBeLessThan(page.indexOf('Older one'));
    expect(page).not.toContain('For another');
  });

  test('says so when there is nothing, and when a mail is unknown', async () => {
    const nothing = await (await fetch(`${address.url}/mailbox?to=nobody@example.com`)).text();
    const unknown = await fetch(`${address.url}/mailbox/mail_none`);

    expect(nothing).toContain('No mail to nobody@example.com has arrived yet.');
    expect(unknown.status).toBe(404);
  });
});

test('the home page explains what is here, and the health check answers', async () => {
  const home = await (await fetch(address.url)).text();
  const health = await fetch(`${address.url}/healthz`);

  expect(home).toContain(`${address.url}/providers/acme/v1/chat/completions`);
  expect(home).toContain('reset-mid-stream-5');
  expect(home).toContain(`<code>${address.smtpPort}</code>`);
  expect(await health.json()).toEqual({ status: 'ok' });
});
