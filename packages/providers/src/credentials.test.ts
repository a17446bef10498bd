import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { credentialsFromEnvironment, environmentPrefix } from './credentials.ts';
import { providerRegistry } from './registry.ts';

const none = { sandboxUrl: null };

describe('credentialsFromEnvironment', () => {
  test('configures nothing when nothing is set', () => {
    expect(credentialsFromEnvironment({}, none).size).toBe(0);
  });

  test('takes the base URL of a well-known provider, and that of the environment when there is one', () => {
    const credentials = credentialsFromEnvironment(
      { OPENAI_API_KEY: 'sk-1', GROQ_API_KEY: ' gsk-2 ', GROQ_BASE_URL: 'http://localhost:9000/v1//' },
      none,
    );
    expect(Object.fromEntries(credentials)).toEqual({
      openai: { apiKey: 'sk-1', baseUrl: 'https://api.openai.com/v1' },
      groq: { apiKey: 'gsk-2', baseUrl: 'http://localhost:9000/v1' },
    });
  });

  test('needs key and base URL for a provider whose address only configuration knows', () => {
    const key = { LITELLM_API_KEY: 'k' };
    const url = { LITELLM_BASE_URL: 'https://llm.example.com/v1' };
    expect(credentialsFromEnvironment(key, none).size).toBe(0);
    expect(credentialsFromEnvironment(url, none).size).toBe(0);
    expect(credentialsFromEnvironment({ ...key, ...url }, none).get('litellm')).toEqual({
      apiKey: 'k',
      baseUrl: 'https://llm.example.com/v1',
    });
  });

  test.each([
    ['ollama', 'OLLAMA'],
    ['vllm', 'VLLM'],
    ['openai-compatible', 'OPENAI_COMPATIBLE'],
  ])('%s is a server of the operator’s own: its base URL is enough, a key is used where there is one', (id, prefix) => {
    const url = { [`${prefix}_BASE_URL`]: 'http://localhost:11434/v1' };
    expect(credentialsFromEnvironment(url, none).get(id)).toEqual({
      apiKey: 'none',
      baseUrl: 'http://localhost:11434/v1',
    });
    expect(credentialsFromEnvironment({ ...url, [`${prefix}_API_KEY`]: 'k' }, none).get(id)?.apiKey).toBe('k');
    expect(credentialsFromEnvironment({ [`${prefix}_API_KEY`]: 'k' }, none).size).toBe(0);
  });

  test('takes a variable that is set to nothing, as in a copied example, for one that is not set', () => {
    expect(credentialsFromEnvironment({ OPENAI_API_KEY: '', GROQ_API_KEY: '  ', OPENAI_BASE_URL: '' }, none).size).toBe(
      0,
    );
  });

  test('configures every sandbox company, each on its own path, when there is a sandbox', () => {
    const credentials = credentialsFromEnvironment({}, { sandboxUrl: 'http://localhost:4010/' });
    expect(Object.fromEntries(credentials)).toEqual({
      'sandbox-north': {
        apiKey: 'sk-sandbox-sandbox-north',
        baseUrl: 'http://localhost:4010/providers/sandbox-north/v1',
      },
      'sandbox-south': {
        apiKey: 'sk-sandbox-sandbox-south',
        baseUrl: 'http://localhost:4010/providers/sandbox-south/v1',
      },
      'sandbox-west': { apiKey: 'sk-sandbox-sandbox-west', baseUrl: 'http://localhost:4010/providers/sandbox-west/v1' },
      'sandbox-mesa': { apiKey: 'sk-sandbox-sandbox-mesa', baseUrl: 'http://localhost:4010/providers/sandbox-mesa/v1' },
      'sandbox-east': { apiKey: 'sk-sandbox-sandbox-east', baseUrl: 'http://localhost:4010/providers/sandbox-east/v1' },
      'sandbox-gulf': { apiKey: 'sk-sandbox-sandbox-gulf', baseUrl: 'http://localhost:4010/providers/sandbox-gulf/v1' },
      'sandbox-bay': { apiKey: 'sk-sandbox-sandbox-bay', baseUrl: 'http://localhost:4010/providers/sandbox-bay/v1' },
    });
  });

  test('lets the environment move a sandbox company elsewhere', () => {
    const environment = { SANDBOX_WEST_API_KEY: 'k', SANDBOX_WEST_BASE_URL: 'http://other:1/v1' };
    const credentials = credentialsFromEnvironment(environment, { sandboxUrl: 'http://localhost:4010' });
    expect(credentials.get('sandbox-west')).toEqual({ apiKey: 'k', baseUrl: 'http://other:1/v1' });
    expect(credentials.get('sandbox-north')?.baseUrl).toContain('localhost:4010');
  });

  test.each([
    'localhost:9000',
    '/v1',
    'not a url',
    'ftp://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:secret@example.com/v1',
    'https://example.com/v1?key=secret',
    'https://example.com/v1#x',
    'http://',
  ])('refuses the base URL %j in a sentence that names the variable and not its value', (value) => {
    expect(() => credentialsFromEnvironment({ OPENAI_BASE_URL: value }, none)).toThrow(/^OPENAI_BASE_URL must .*\.$/);
    try {
      credentialsFromEnvironment({ OPENAI_BASE_URL: value }, none);
    } catch (error) {
      expect(String(error)).not.toContain('secret');
    }
    expect(() => credentialsFromEnvironment({}, { sandboxUrl: value })).toThrow(/^BOURSE_SANDBOX_URL must/);
  });

  test('refuses a key that could split a header', () => {
    expect(() => credentialsFromEnvironment({ OPENAI_API_KEY: 'sk\r\nx-evil: 1' }, none)).toThrow(
      /^OPENAI_API_KEY must/,
    );
    expect(() => credentialsFromEnvironment({ OPENAI_API_KEY: 'schlüssel' }, none)).toThrow(/^OPENAI_API_KEY must/);
  });

  test('gives only credentials that can be called: an absolute URL without a trailing slash and a key', () => {
    const variables = [...providerRegistry.keys()].flatMap((id) => [
      `${environmentPrefix(id)}_API_KEY`,
      `${environmentPrefix(id)}_BASE_URL`,
    ]);
    const values = fc.oneof(
      fc.string(),
      fc.constantFrom('', 'k', 'https://x.example/v1/', 'http://[::1]:80', 'HTTPS://EXAMPLE.com'),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...variables), values), (environment) => {
        let credentials: ReturnType<typeof credentialsFromEnvironment>;
        try {
          credentials = credentialsFromEnvironment(environment, none);
        } catch (error) {
          expect(String(error)).toMatch(/Error: [A-Z_]+_(API_KEY|BASE_URL|REGION) must/);
          return;
        }
        for (const { apiKey, baseUrl } of credentials.values()) {
          expect(apiKey).toMatch(/^[!-~]+$/);
          expect(baseUrl).toMatch(/^https?:\/\/.*[^/]$/);
        }
      }),
    );
  });
});
