import OpenAI from 'openai';
import { afterAll, beforeAll } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';

/** A sandbox that lives as long as the test file, on a port of its own. `url` works once the tests run. */
export function useSandbox(options: SandboxOptions = {}): { readonly url: string; readonly sandbox: Sandbox } {
  const sandbox = createSandbox(options);
  let url = '';
  beforeAll(async () => {
    ({ url } = await sandbox.listen());
  });
  afterAll(() => sandbox.close());
  return {
    get url() {
      return url;
    },
    sandbox,
  };
}

/** The official client, pointed at one simulated provider. It does not retry, so that a test sees each answer. */
export function openaiClient(url: string, provider = 'acme', apiKey = 'sk-sandbox-test'): OpenAI {
  return new OpenAI({ baseURL: `${url}/providers/${provider}/v1`, apiKey, maxRetries: 0 });
}

/** Asks again until the answer is good or the deadline has passed; then gives the last answer for the assertion. */
export async function poll<T>(
  ask: () => T | Promise<T>,
  isGood: (answer: T) => boolean,
  deadlineMs = 5_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let answer = await ask();
  while (!isGood(answer) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    answer = await ask();
  }
  return answer;
}

/** A JSON request, and the parsed answer. */
export async function json(url: string, init: { method?: string; body?: unknown } = {}): Promise<unknown> {
  const { method = init.body === undefined ? 'GET' : 'POST', body } = init;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, body === undefined ? { method } : { method, headers, body: JSON.stringify(body) });
  return response.json();
}
