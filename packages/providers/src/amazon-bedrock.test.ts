import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { amazonBedrock, authorizeBedrock, conversePath, signerWith } from './amazon-bedrock.ts';
import { credentialsFromEnvironment } from './credentials.ts';
import type { ProviderRequest } from './provider.ts';

const none = { sandboxUrl: null };
const configured = (environment: Record<string, string>) =>
  credentialsFromEnvironment(environment, none).get('amazon-bedrock');

const KEY = { AMAZON_BEDROCK_API_KEY: 'bedrock-key', AMAZON_BEDROCK_REGION: 'eu-central-1' };
const PAIR = {
  AMAZON_BEDROCK_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AMAZON_BEDROCK_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AMAZON_BEDROCK_REGION: 'us-east-1',
};

describe('the configuration', () => {
  test('is a key of Bedrock, which is sent as it is', () => {
    expect(configured(KEY)).toEqual({
      apiKey: 'bedrock-key',
      baseUrl: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
    });
  });

  test('or an access key with its secret, which signs and can be read by nobody, in the session where there is one', async () => {
    const credential = configured({ ...PAIR, AMAZON_BEDROCK_SESSION_TOKEN: 't/1==' });
    const sign = expect.any(Function);
    expect(credential).toEqual({
      apiKey: 'AKIDEXAMPLE',
      baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
      sign,
    });
    expect(inspect(credential, { depth: 9, showHidden: true })).not.toContain('wJalr');
    const signed = await credential?.sign?.({ method: 'POST', url: 'https://x.example/', headers: {}, body: '' });
    expect(signed?.headers).toMatchObject({ 'x-amz-security-token': 't/1==' });
    expect(configured(PAIR)).toMatchObject({ sign });
  });

  test('may move elsewhere, and has its own domain in China', () => {
    expect(configured({ ...KEY, AMAZON_BEDROCK_BASE_URL: 'http://localhost:1/x/' })?.baseUrl).toBe(
      'http://localhost:1/x',
    );
    expect(configured({ ...KEY, AMAZON_BEDROCK_REGION: 'cn-north-1' })?.baseUrl).toBe(
      'https://bedrock-runtime.cn-north-1.amazonaws.com.cn',
    );
  });

  test.each([
    {},
    { AMAZON_BEDROCK_REGION: 'us-east-1' },
    { AMAZON_BEDROCK_BASE_URL: 'http://x:1', AMAZON_BEDROCK_API_KEY: ' ' },
  ])('is none without a key: %j', (environment) => {
    expect(configured(environment)).toBeUndefined();
  });

  test.each([
    [{ AMAZON_BEDROCK_API_KEY: 'k' }, 'AMAZON_BEDROCK_REGION must'],
    [{ ...KEY, AMAZON_BEDROCK_REGION: 'x.evil.example' }, 'AMAZON_BEDROCK_REGION must'],
    [{ ...KEY, AMAZON_BEDROCK_REGION: 'us-east-1/..' }, 'AMAZON_BEDROCK_REGION must'],
    [{ ...KEY, ...PAIR }, 'AMAZON_BEDROCK_API_KEY must not be set beside AMAZON_BEDROCK_ACCESS_KEY_ID'],
    [{ ...PAIR, AMAZON_BEDROCK_SECRET_ACCESS_KEY: '' }, 'AMAZON_BEDROCK_SECRET_ACCESS_KEY must be set'],
    [{ ...PAIR, AMAZON_BEDROCK_ACCESS_KEY_ID: '' }, 'AMAZON_BEDROCK_ACCESS_KEY_ID must be set'],
    [
      { AMAZON_BEDROCK_SESSION_TOKEN: 't', AMAZON_BEDROCK_REGION: 'us-east-1' },
      'AMAZON_BEDROCK_ACCESS_KEY_ID must be set',
    ],
    [{ ...PAIR, AMAZON_BEDROCK_SECRET_ACCESS_KEY: 'two words' }, 'AMAZON_BEDROCK_SECRET_ACCESS_KEY must be printable'],
    [{ ...PAIR, AMAZON_BEDROCK_REGION: '' }, 'AMAZON_BEDROCK_REGION must'],
  ])('that is half of one is told by the name of what is wrong, without its value: %j', (environment, sentence) => {
    expect(() => configured(environment)).toThrow(sentence);
    try {
      configured(environment);
    } catch (error) {
      expect(String(error)).not.toMatch(/wJalr|evil|two words|bedrock-key/);
    }
  });
});

test('the path names the model, whatever is in its name, and the way of answering', () => {
  const target = {
    upstreamModel: 'arn:aws:x/us.anthropic.claude-v1:0',
    outputTokensMax: null,
    endpointOutputTokensMax: null,
  };
  expect(conversePath({ ...target, isStreamed: false })).toBe(
    '/model/arn%3Aaws%3Ax%2Fus.anthropic.claude-v1%3A0/converse',
  );
  expect(conversePath({ ...target, isStreamed: true })).toMatch(/\/converse-stream$/);
});

/** Signature Version 4 once more, after the text of its specification, for what AWS calls a canonical request. */
function signatureOf(
  canonical: string,
  { secret, scope, date }: { secret: string; scope: string; date: string },
): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, hash].join('\n')).toString('hex');
}

describe('the signature', () => {
  const secret = PAIR.AMAZON_BEDROCK_SECRET_ACCESS_KEY;
  const EMPTY = createHash('sha256').update('').digest('hex');
  const request: ProviderRequest = {
    method: 'POST',
    url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse-stream',
    headers: {
      'content-type': 'application/json',
      accept: 'application/vnd.amazon.eventstream',
      'user-agent': 'bourse/1',
    },
    body: '{"messages":[{"role":"user","content":[{"text":"Grüße"}]}]}',
  };
  const accessKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret, region: 'us-east-1', sessionToken: null };
  const credential = { apiKey: 'AKIDEXAMPLE', baseUrl: 'https://x', sign: signerWith(accessKey) };

  /** What the signature must be, from what was sent. */
  function expectedFor({ method, url, headers, body }: ProviderRequest): string {
    const { host, pathname } = new URL(url);
    const signed = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1] ?? '';
    const lines = signed.split(';').map((name) => `${name}:${name === 'host' ? host : headers[name]}`);
    const hash = createHash('sha256').update(body).digest('hex');
    // Every service but S3 encodes the path twice.
    const path = pathname.split('/').map(encodeURIComponent).join('/');
    const canonical = [method, path, '', ...lines, '', signed, hash].join('\n');
    const date = headers['x-amz-date'] ?? '';
    return signatureOf(canonical, { secret, scope: `${date.slice(0, 8)}/us-east-1/bedrock/aws4_request`, date });
  }

  test('recomputed here agrees with the ones that AWS publishes, so that it can judge', () => {
    const get = [
      'GET',
      '/',
      '',
      'host:example.amazonaws.com',
      'x-amz-date:20150830T123600Z',
      '',
      'host;x-amz-date',
      EMPTY,
    ];
    const at = { secret, scope: '20150830/us-east-1/service/aws4_request', date: '20150830T123600Z' };
    expect(signatureOf(get.join('\n'), at)).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31');
    const post = ['POST', ...get.slice(1)];
    expect(signatureOf(post.join('\n'), at)).toBe('5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b');
  });

  test('covers the host, the body, what is accepted and the time, and leaves the request as it was', async () => {
    const signed = await authorizeBedrock(request, credential);
    const authorization = signed.headers['authorization'] ?? '';
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request, /,
    );
    expect(authorization).toContain('SignedHeaders=accept;host;x-amz-date, ');
    expect(authorization.endsWith(`Signature=${expectedFor(signed)}`)).toBe(true);
    expect(signed).toMatchObject({ method: 'POST', url: request.url, body: request.body, headers: request.headers });
    expect(JSON.stringify(signed)).not.toContain(secret);
  });

  test('covers the token of a session', async () => {
    const sign = signerWith({ ...accessKey, sessionToken: 'session/token==' });
    const signed = await authorizeBedrock(request, { ...credential, sign });
    expect(signed.headers['x-amz-security-token']).toBe('session/token==');
    expect(signed.headers['authorization']).toContain('x-amz-security-token');
    expect(signed.headers['authorization']?.endsWith(expectedFor(signed))).toBe(true);
  });

  test('is not needed with a key of Bedrock', async () => {
    const bare = await authorizeBedrock(request, { apiKey: 'bedrock-key', baseUrl: 'https://x' });
    expect(bare.headers).toEqual({ ...request.headers, authorization: 'Bearer bedrock-key' });
  });
});

test('Bedrock bills a call that its caller leaves, and is asked in the dialect of the model', () => {
  expect(amazonBedrock.onCancel).toBe('bills_anyway');
});
