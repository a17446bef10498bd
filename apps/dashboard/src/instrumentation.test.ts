import { afterEach, expect, test, vi } from 'vitest';
import { register } from './instrumentation.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('a server that lacks its secrets does not come up, and says which ones', () => {
  for (const [name, value] of Object.entries({
    NODE_ENV: 'production',
    BOURSE_DEMO: '',
    STRIPE_WEBHOOK_SECRET: 'short',
  })) {
    vi.stubEnv(name, value);
  }
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(register).toThrow('exit 1');
  expect(exit).toHaveBeenCalledOnce();
  expect(String(said.mock.calls[0]?.[0])).toMatch(/STRIPE_WEBHOOK_SECRET must be the signing secret/);
});
