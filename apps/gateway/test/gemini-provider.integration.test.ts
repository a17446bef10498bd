import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanodollarsFromUsd } from '@bourse/money';
import { AuthorizationFailed, type Credential, type Provider, providerRegistry } from '@bourse/providers';
import { createLogger, createMetrics } from '@bourse/telemetry';
import { createOrganization, createTestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { type Gateway, startGateway } from '../src/start-gateway.ts';
import { eventually } from './harness.ts';
import { beginStream, type Script, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** A gateway before two of Google's doors, both of them scripted, and a web server with a picture. */
let gateway: Gateway;
let studio: ScriptedProvider;
let vertex: ScriptedProvider;
let web: Server;
let webUrl = '';
let downloads = 0;
let key = '';
let organizationId = '';
let cleanUp: () => Promise<void>;
let vertexToken: () => Promise<string>;

/** The market's list has no endpoints of Vertex AI; here it serves what xAI sells. */
const googleVertex = { ...providerNamed('google-vertex'), id: 'xai' };
const vertexModel = 'x-ai/grok-4.3';

function providerNamed(slug: string): Provider {
  const provider = providerRegistry.get(slug);
  if (provider === undefined) throw new Error(`no provider ${slug}`);
  return provider;
}

const PNG = Buffer.from('\x89PNG\r\n\x1a\n and the rest', 'latin1');
const model = 'google/gemini-2.5-flash';
const usageMetadata = { promptTokenCount: 100, candidatesTokenCount: 20, thoughtsTokenCount: 10, totalTokenCount: 130 };
const whole = {
  candidates: [
    { content: { role: 'model', parts: [{ text: 'hello', unknownField: 1 }] }, finishReason: 'STOP', index: 0 },
  ],
  usageMetadata: { ...usageMetadata, trafficType: 'ON_DEMAND' },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'upstream-1',
};

const hello: Script = ({ request, response }) => {
  if (request.url?.endsWith(':streamGenerateContent?alt=sse') !== true) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
    return;
  }
  beginStream(response);
  const piece = (text: string, rest: object = {}) =>
    `data: ${JSON.stringify({ ...whole, candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...rest }] })}\r\n\r\n`;
  response.end(piece('hel') + piece('lo', { finishReason: 'STOP' }));
};

const refuse =
  (status: number, word: string): Script =>
  ({ response }) => {
    const error = { code: status, message: 'No.', status: word };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  };

beforeAll(async () => {
  const database = await createTestDatabase();
  const organization = await createOrganization(database.db, { credits: nanodollarsFromUsd('10') });
  key = organization.apiKey;
  organizationId = organization.organizationId;
  [studio, vertex] = await Promise.all([startScriptedProvider(), startScriptedProvider()]);
  web = createServer((request, response) => {
    downloads += 1;
    if (request.url === '/a.png') response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo; // a TCP server that listens has one
  webUrl = `http://127.0.0.1:${port}`;
  const spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  const env = parseEnv({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    GATEWAY_PORT: '0',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_RETRIES_MAX: '0',
    LOG_LEVEL: 'silent',
    GATEWAY_SPOOL_DIR: spoolDir,
    GATEWAY_MEDIA_NETWORKS: '127.0.0.1/32',
    GATEWAY_MEDIA_PORTS: `80,443,${port}`,
  });
  gateway = await startGateway({
    env,
    db: database.db,
    credentials: new Map<string, Credential>([
      ['google-ai-studio', { apiKey: 'AIzaSecret', baseUrl: studio.url }],
      ['xai', { apiKey: '', baseUrl: vertex.url, accessToken: () => vertexToken() }],
    ]),
    providers: new Map([...providerRegistry, ['xai', googleVertex]]),
    log: createLogger({ name: 'gateway', level: env.LOG_LEVEL }),
    metrics: createMetrics('gateway'),
    gatewayId: 'gw_gemini',
    now: Date.now,
    draw: () => 0.5,
  });
  cleanUp = async () => {
    await gateway.stop(500);
    await Promise.all([studio.close(), vertex.close(), new Promise((resolve) => web.close(resolve))]);
    await database.drop();
    await rm(spoolDir, { recursive: true, force: true });
  };
});
afterAll(() => cleanUp());
beforeEach(() => {
  downloads = 0;
  vertexToken = async () => 'ya29.token';
  for (const provider of [studio, vertex]) {
    provider.script = hello;
    provider.calls.length = 0;
  }
});

const only = (...slugs: string[]) => ({ provider: { only: slugs, order: slugs } });

function post(path: string, body: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${gateway.port}/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const chat = (fields: object = {}) =>
  post('v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: 'hi' }],
    ...only('google-ai-studio'),
    ...fields,
  });

const withImage = (url: string) => ({
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url } },
      ],
    },
  ],
});

const nothingHeld = () =>
  eventually(
    async () => gateway.reserved(),
    (reserved) => reserved === 0n,
  );

describe('a client of OpenAI at a provider of Gemini', () => {
  test('gets its own dialect, whole and streamed, with the usage of both', async () => {
    const response = await chat();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      model,
      provider: 'Google AI Studio',
      choices: [{ message: { content: 'hello' }, finish_reason: 'stop', native_finish_reason: 'STOP' }],
      usage: { prompt_tokens: 100, completion_tokens: 30, completion_tokens_details: { reasoning_tokens: 10 } },
    });
    expect(studio.calls[0]?.headers).toMatchObject({ 'x-goog-api-key': 'AIzaSecret' });
    expect(studio.calls[0]?.body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
    const text = await (await chat({ stream: true })).text();
    expect(text).toContain('"content":"hel"');
    expect(text).toContain('"prompt_tokens":100');
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  test.each([
    [400, 'INVALID_ARGUMENT', 400],
    [403, 'PERMISSION_DENIED', 502],
    [429, 'RESOURCE_EXHAUSTED', 429],
    [503, 'UNAVAILABLE', 503],
  ])('a refusal %i %s is %i', async (status, word, told) => {
    studio.script = refuse(status, word);
    expect((await chat()).status).toBe(told);
    await nothingHeld();
  });
});

describe('a client of Gemini at a provider of Gemini', () => {
  const ask = (method: string, fields: object = {}) =>
    post(`v1beta/models/${model}:${method}`, {
      contents: [{ parts: [{ text: 'hi', videoMetadata: { fps: 1 } }] }],
      newField: { a: 1 },
      ...only('google-ai-studio'),
      ...fields,
    });

  test('has its body forwarded, and the answer back byte for byte but for what is ours', async () => {
    const response = await ask('generateContent');
    const id = response.headers.get('x-generation-id');
    expect(await response.json()).toEqual({
      ...whole,
      modelVersion: model,
      responseId: id,
      usageMetadata: { ...whole.usageMetadata, cost: expect.any(Number), costDetails: expect.anything() },
    });
    expect(studio.calls[0]?.body).toEqual({
      contents: [{ parts: [{ text: 'hi', videoMetadata: { fps: 1 } }] }],
      newField: { a: 1 },
    });
  });

  test('a stream tells its counts and its cost at its end alone', async () => {
    const frames = (await (await ask('streamGenerateContent?alt=sse')).text()).trim().split('\n\n');
    expect(frames).toHaveLength(2);
    expect(frames[0]).not.toContain('usageMetadata');
    expect(frames[1]).toContain('"cost":');
    expect(frames[1]).toContain('"trafficType":"ON_DEMAND"');
  });
});

describe('media by URL', () => {
  test('are fetched for a provider that wants bytes, once for all attempts', async () => {
    studio.script = (call) => (studio.calls.length === 1 ? refuse(503, 'UNAVAILABLE')(call) : hello(call));
    const response = await chat({ ...withImage(`${webUrl}/a.png`), models: ['google/gemini-2.5-pro'] });
    expect(response.status).toBe(200);
    const inlineData = { mimeType: 'image/png', data: PNG.toString('base64') };
    const contents = [{ role: 'user', parts: [{ text: 'What is it?' }, { inlineData }] }];
    expect(studio.calls.map(({ body }) => body)).toEqual([{ contents }, { contents }]);
    expect(downloads).toBe(1);
  });

  test.each([
    ['that are not there', () => `${webUrl}/missing`, 404, 'image_not_found'],
    ['in our own network', () => 'http://10.0.0.1/a.png', 400, 'image_download_failed'],
    ['of a cloud', () => 'http://169.254.169.254/latest/meta-data/', 400, 'image_download_failed'],
  ])('%s are refused, and nothing is held or charged', async (_name, url, status, type) => {
    for (const stream of [false, true]) {
      const response = await chat({ ...withImage(url()), stream });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code: status, type } });
    }
    expect(studio.calls).toEqual([]);
    await nothingHeld();
    expect(await gateway.booked(organizationId)).toBe(true);
  });
});

describe('vertex', () => {
  const viaVertex = { model: vertexModel, provider: { only: ['xai', 'google-ai-studio'] } };

  test('is called with a token', async () => {
    expect((await chat(viaVertex)).status).toBe(200);
    expect(vertex.calls[0]?.headers).toMatchObject({ authorization: 'Bearer ya29.token' });
  });

  test('without one another provider answers, and alone it is 502 that tells nothing of it', async () => {
    vertexToken = async () => Promise.reject(new AuthorizationFailed('Google gave out no access token: invalid_grant'));
    expect((await chat({ ...viaVertex, models: [model] })).status).toBe(200);
    expect(studio.calls).toHaveLength(1);
    const alone = await chat(viaVertex);
    expect(alone.status).toBe(502);
    expect(await alone.text()).not.toContain('invalid_grant');
    expect(vertex.calls).toEqual([]);
    await nothingHeld();
  });
});
