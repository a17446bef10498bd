import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { ledgerCheck } from '@bourse/db';
import OpenAI, { UnprocessableEntityError } from 'openai';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { makeEncryptedPdf, makePdf } from './make-pdf.ts';
import { hello } from './scripted-provider.ts';

let market: Market;
let openai: OpenAI;
let web: Server;
let webUrl: string;

const pdf = makePdf(['The launch code is 7-7-7.', 'Page two.']);

beforeAll(async () => {
  web = createServer((request, response) => {
    const isPdf = request.url === '/a.pdf';
    response.writeHead(isPdf ? 200 : 404, { 'content-type': 'application/pdf' }).end(isPdf ? pdf : '');
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo; // a TCP server that listens has one
  webUrl = `http://127.0.0.1:${port}`;
  market = await openMarket({
    environment: { GATEWAY_MEDIA_NETWORKS: '127.0.0.1/32', GATEWAY_MEDIA_PORTS: `80,443,${port}` },
  });
  openai = new OpenAI({ apiKey: market.key, baseURL: market.url, maxRetries: 0 });
});
afterEach(async () => {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  await market.booked();
  const checks = await ledgerCheck({ url: market.databaseUrl, form: 'full' });
  expect(checks.filter((check) => check.differences > 0)).toEqual([]);
  market.north.script = hello;
  market.north.calls.length = 0;
});
afterAll(async () => {
  await market.stop();
  await new Promise((resolve) => web.close(resolve));
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const dataUrl = (bytes: Uint8Array): string => `data:application/pdf;base64,${base64(bytes)}`;
const parser = (engine: string) => ({ plugins: [{ id: 'file-parser', pdf: { engine } }] });

function asking(fileData: string, more: object = {}) {
  const file = { type: 'file' as const, file: { filename: 'plan.pdf', file_data: fileData } };
  const text = { type: 'text' as const, text: 'What is the code?' };
  return { ...hi, messages: [{ role: 'user' as const, content: [text, file] }], ...more };
}

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${market.root}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

/** All that the provider was told, as text. */
const told = (): string => JSON.stringify(market.north.calls.at(-1)?.body['messages'] ?? null);

/** An answer of the SDK with what OpenRouter adds to it. */
interface Annotated {
  readonly annotations?: readonly {
    readonly type: string;
    readonly file: { hash: string; name: string; content: { text: string }[] };
  }[];
}

test.each([
  ['asked for', parser('pdf-text')],
  ['unasked, because the model reads no files', {}],
])('a PDF becomes text, %s, and comes back as an annotation that says what was read', async (_name, more) => {
  const answer = await openai.chat.completions.create(asking(dataUrl(pdf), more));
  expect(told()).toContain('The launch code is 7-7-7.');
  expect(told()).toContain('plan.pdf');
  expect(told()).not.toContain('base64');
  const { annotations } = (answer.choices[0]?.message ?? {}) as Annotated;
  expect(annotations).toMatchObject([
    { type: 'file', file: { hash: createHash('sha256').update(pdf).digest('hex'), name: 'plan.pdf' } },
  ]);
  expect(annotations?.[0]?.file.content[0]?.text).toContain('Page two.');
});

test('a second turn that sends the annotation back is not read again', async () => {
  const first = asking(dataUrl(pdf));
  const answer = await post('/chat/completions', first);
  const [annotation] = answer.json.choices[0].message.annotations;
  annotation.file.content[0].text = 'what the client kept';
  const second = {
    ...first,
    messages: [
      ...first.messages,
      { role: 'assistant', content: 'hello', annotations: [annotation] },
      { role: 'user', content: 'again' },
    ],
  };
  const { status, json } = await post('/chat/completions', second, { 'x-bourse-metadata': 'enabled' });
  expect(status).toBe(200);
  expect(told()).toContain('what the client kept');
  expect(told()).not.toContain('7-7-7');
  expect(told()).not.toContain('annotations');
  expect(json.openrouter_metadata.pipeline).toMatchObject([
    { name: 'file-parser', data: { engine: 'pdf-text', files: 1, files_reused: 1, pages: 0 } },
  ]);
});

test('a stream tells the annotation, too, before its end', async () => {
  const text = await market.chat(asking(dataUrl(pdf), { stream: true })).then((response) => response.text());
  expect(text).toContain('"annotations":[{"type":"file"');
  expect(text.indexOf('annotations')).toBeLessThan(text.indexOf('"finish_reason":"stop"'));
  expect(text).toContain('data: [DONE]');
});

test('a PDF by its address is fetched and read; an address that has none is told', async () => {
  expect(await post('/chat/completions', asking(`${webUrl}/a.pdf`))).toMatchObject({ status: 200 });
  expect(told()).toContain('7-7-7');
  expect((await post('/chat/completions', asking(`${webUrl}/b.pdf`))).status).toBe(404);
  const local = await post('/chat/completions', asking('http://169.254.169.254/a.pdf'));
  expect(local.status).toBe(400);
});

test('works for /responses and /messages', async () => {
  const { model, provider } = hi;
  const file = { type: 'input_file', filename: 'plan.pdf', file_data: dataUrl(pdf) };
  const responses = await post('/responses', { model, provider, input: [{ role: 'user', content: [file] }] });
  expect(responses.status).toBe(200);
  expect(told()).toContain('7-7-7');
  expect(responses.json.output[0].content[0].annotations).toMatchObject([{ type: 'file', file: { name: 'plan.pdf' } }]);
  const anthropic = new Anthropic({
    authToken: market.key,
    apiKey: null,
    baseURL: `${market.root}/api`,
    maxRetries: 0,
  });
  const source = { type: 'base64' as const, media_type: 'application/pdf' as const, data: base64(pdf) };
  const answer = await anthropic.messages.create({
    model,
    max_tokens: 50,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'document', title: 'plan', source },
          { type: 'text', text: 'code?' },
        ],
      },
    ],
    ...{ provider },
  });
  expect(answer.content).toMatchObject([{ type: 'text', text: 'hello' }]);
  expect(told()).toContain('7-7-7');
});

test.each([
  ['malformed', Buffer.from('%PDF-1.4 nothing'), 'pdf_malformed'],
  ['encrypted', makeEncryptedPdf(), 'pdf_encrypted'],
  ['without text', makePdf(['']), 'pdf_no_text'],
  ['endless', makePdf(Array.from({ length: 1_001 }, () => 'x')), 'pdf_too_many_pages'],
])('a PDF that is %s is refused by name, and nobody is asked or charged', async (_name, bytes, reason) => {
  const body = asking(dataUrl(bytes));
  const { status, json } = await post('/chat/completions', body);
  expect(status).toBe(422);
  expect(json).toMatchObject({ error: { metadata: { reason, file: 'plan.pdf', file_annotations: [] } } });
  await expect(openai.chat.completions.create(body)).rejects.toThrow(UnprocessableEntityError);
  expect(market.north.calls).toHaveLength(0);
});

test('a refusal gives back what could be read, for the retry', async () => {
  const good = { type: 'file', file: { filename: 'good.pdf', file_data: dataUrl(pdf) } };
  const bad = { type: 'file', file: { filename: 'bad.pdf', file_data: dataUrl(Buffer.from('%PDF-')) } };
  const { json } = await post('/chat/completions', { ...hi, messages: [{ role: 'user', content: [good, bad] }] });
  expect(json).toMatchObject({
    error: { metadata: { file: 'bad.pdf', file_annotations: [{ type: 'file', file: { name: 'good.pdf' } }] } },
  });
});

test('`native` reads nothing: who cannot read the file itself is not asked', async () => {
  for (const more of [parser('native'), { plugins: [{ id: 'file-parser', enabled: false }] }]) {
    const { status } = await post('/chat/completions', asking(dataUrl(pdf), more));
    expect(status).toBe(404);
  }
  expect(market.north.calls).toHaveLength(0);
});

test('a model that nobody has is told as that, and nothing is read for it', async () => {
  const { status, json } = await post('/chat/completions', asking(dataUrl(Buffer.from('%PDF-')), { model: 'no/body' }));
  expect(status).toBe(400);
  expect(JSON.stringify(json)).toContain('no/body');
});

test('files of other kinds stay what they are', async () => {
  const { status } = await post(
    '/chat/completions',
    asking(`data:text/csv;base64,${base64(Buffer.from('a,b'))}`, parser('pdf-text')),
  );
  expect(status).toBe(404);
});
