import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gemini, openaiChat } from '@bourse/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuthorizationFailed } from './authorization-failed.ts';
import { buildProviderRequest } from './build-provider-request.ts';
import { credentialsFromEnvironment } from './credentials.ts';
import { googleAiStudio } from './google-ai-studio.ts';
import { googleVertex } from './google-vertex.ts';
import type { Credential, Provider } from './provider.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** Google's token endpoint, on this machine. */
const tokens = { url: '', asked: [] as URLSearchParams[], status: 200, lifetimeSeconds: 3600 };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString('utf8');
  });
  request.on('end', () => {
    tokens.asked.push(new URLSearchParams(body));
    const granted = {
      access_token: `ya29.${tokens.asked.length}`,
      expires_in: tokens.lifetimeSeconds,
      token_type: 'Bearer',
    };
    const refused = { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' };
    response
      .writeHead(tokens.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(tokens.status === 200 ? granted : refused));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tokens.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`; // a TCP server that listens has one
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  Object.assign(tokens, { asked: [], status: 200, lifetimeSeconds: 3600 });
});

const keyFile = (fields: object = {}) =>
  JSON.stringify({
    type: 'service_account',
    project_id: 'from-file',
    private_key: privateKey,
    client_email: 'bourse@from-file.iam.gserviceaccount.com',
    token_uri: tokens.url,
    ...fields,
  });

function credentialOf(provider: Provider, environment: Readonly<Record<string, string>>): Credential | undefined {
  return credentialsFromEnvironment(environment, { sandboxUrl: null }).get(provider.id);
}

function call(provider: Provider, credential: Credential | undefined, isStreamed = false) {
  const prompt = openaiChat.decodePrompt({
    model: 'google/x',
    messages: [{ role: 'user', content: 'Hi' }],
    stream: isStreamed,
  });
  const api = provider.apiFor(prompt, 'gemini-3-pro');
  if (api === null || credential === undefined) throw new Error('not configured');
  const target = { upstreamModel: 'gemini-3-pro', isStreamed, outputTokensMax: null, endpointOutputTokensMax: null };
  return buildProviderRequest({ provider, api, credential, prompt, target });
}

describe('google-ai-studio', () => {
  const credential = () => credentialOf(googleAiStudio, { GOOGLE_AI_STUDIO_API_KEY: 'AIzaKey' });

  test('is asked for a body or a stream by its path, with the key in a header of its own', async () => {
    const request = await call(googleAiStudio, credential());
    expect(request.url).toBe('https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent');
    expect(request.headers).toMatchObject({ 'x-goog-api-key': 'AIzaKey' });
    expect(request.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(request.body)).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
    const streamed = await call(googleAiStudio, credential(), true);
    expect(streamed.url.endsWith('/models/gemini-3-pro:streamGenerateContent?alt=sse')).toBe(true);
    expect(streamed.url).not.toContain('AIza');
  });

  test('speaks Gemini, and a name of a model cannot lead to another path', async () => {
    const prompt = openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] });
    const api = googleAiStudio.apiFor(prompt, 'x');
    expect(api?.wire).toBe(gemini);
    const target = { upstreamModel: '../x?y', isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };
    expect(api?.path(target)).toBe('/models/..%2Fx%3Fy:generateContent');
  });
});

describe('google-vertex', () => {
  const environment = (fields: Readonly<Record<string, string>> = {}) => ({
    GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON: keyFile(),
    ...fields,
  });

  test.each([
    [{}, 'https://aiplatform.googleapis.com/v1/projects/from-file/locations/global'],
    [
      { GOOGLE_VERTEX_PROJECT: 'mine', GOOGLE_VERTEX_LOCATION: 'europe-west4' },
      'https://europe-west4-aiplatform.googleapis.com/v1/projects/mine/locations/europe-west4',
    ],
    [{ GOOGLE_VERTEX_LOCATION: 'eu' }, 'https://aiplatform.eu.rep.googleapis.com/v1/projects/from-file/locations/eu'],
    [{ GOOGLE_VERTEX_BASE_URL: 'https://proxy.test/v1/' }, 'https://proxy.test/v1/projects/from-file/locations/global'],
  ])('with %o is at %s', async (fields, baseUrl) => {
    const request = await call(googleVertex, credentialOf(googleVertex, environment(fields)), true);
    expect(request.url).toBe(`${baseUrl}/publishers/google/models/gemini-3-pro:streamGenerateContent?alt=sse`);
    expect(request.headers).toMatchObject({ authorization: 'Bearer ya29.1' });
  });

  test('a token is fetched with a signed assertion, kept, and fetched once for all who wait', async () => {
    const credential = credentialOf(googleVertex, environment());
    await Promise.all([1, 2, 3].map(async () => call(googleVertex, credential)));
    const later = await call(googleVertex, credential);
    expect(later.headers).toMatchObject({ authorization: 'Bearer ya29.1' });
    expect(tokens.asked).toHaveLength(1);
    expect(tokens.asked[0]?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [, claims = ''] = (tokens.asked[0]?.get('assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))).toMatchObject({
      iss: 'bourse@from-file.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    });
  });

  test('a token that ends within five minutes is fetched anew', async () => {
    tokens.lifetimeSeconds = 299;
    const credential = credentialOf(googleVertex, environment());
    await call(googleVertex, credential);
    const second = await call(googleVertex, credential);
    expect(second.headers).toMatchObject({ authorization: 'Bearer ya29.2' });
  });

  test('a refusal rejects the call, tells nothing of the key, and does not stay', async () => {
    tokens.status = 400;
    const credential = credentialOf(googleVertex, environment());
    const failed = await Promise.resolve(call(googleVertex, credential)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(AuthorizationFailed);
    expect(inspect(failed, { depth: 9 })).not.toMatch(/PRIVATE KEY|assertion/);
    tokens.status = 200;
    expect((await call(googleVertex, credential)).headers['authorization']).toMatch(/^Bearer ya29/);
  });

  test('a token of the environment is used as it is; key files may be in base64', async () => {
    const fixed = credentialOf(googleVertex, { GOOGLE_VERTEX_ACCESS_TOKEN: 'ya29.mine', GOOGLE_VERTEX_PROJECT: 'p-1' });
    expect((await call(googleVertex, fixed)).headers).toMatchObject({ authorization: 'Bearer ya29.mine' });
    const base64 = Buffer.from(keyFile()).toString('base64');
    const credential = credentialOf(googleVertex, { GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON: base64 });
    expect(credential?.accessToken).toBeTypeOf('function');
  });

  test('is not configured by a project alone', () => {
    expect(credentialOf(googleVertex, { GOOGLE_VERTEX_PROJECT: 'p-1' })).toBeUndefined();
  });

  test.each([
    [{ GOOGLE_VERTEX_ACCESS_TOKEN: 'x' }, /GOOGLE_VERTEX_PROJECT/],
    [{ GOOGLE_VERTEX_ACCESS_TOKEN: 'two words', GOOGLE_VERTEX_PROJECT: 'p-1' }, /GOOGLE_VERTEX_ACCESS_TOKEN/],
    [{ GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON: '{"secret-value' }, /GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON/],
    [{ GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON: '{"client_email":"secret-value"}' }, /private_key/],
    [{ GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON: '/etc/secret-value.json' }, /GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON/],
    [{ GOOGLE_VERTEX_ACCESS_TOKEN: 'x', GOOGLE_VERTEX_PROJECT: '../p' }, /GOOGLE_VERTEX_PROJECT/],
    [
      { GOOGLE_VERTEX_ACCESS_TOKEN: 'x', GOOGLE_VERTEX_PROJECT: 'p-1', GOOGLE_VERTEX_LOCATION: 'evil.test/' },
      /GOOGLE_VERTEX_LOCATION/,
    ],
  ])('%o is refused by name and not by value', (fields, sentence) => {
    expect(() => credentialOf(googleVertex, fields)).toThrow(sentence);
    expect(() => credentialOf(googleVertex, fields)).not.toThrow(/secret-value|two words/);
  });

  test('a key file that names no address for tokens is refused', () => {
    const fields = { GOOGLE_VERTEX_SERVICE_ACCOUNT_JSON: keyFile({ token_uri: 'file:///etc/passwd' }) };
    expect(() => credentialOf(googleVertex, fields)).toThrow(/token_uri/);
  });
});
