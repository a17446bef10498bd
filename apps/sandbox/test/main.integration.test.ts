import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { json, openaiClient, poll } from './harness.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Starts the real process on free ports, with nothing of this process's settings. */
function start(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const ports = { SANDBOX_PORT: '0', SANDBOX_SMTP_PORT: '0' };
  const child = spawn(process.execPath, [MAIN], { env: { ...ports, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (text += String(piece)));
  return { child, output: () => text };
}

test('the process serves, and SIGTERM ends it at once although a stream is open', async () => {
  const { child, output } = start({ SANDBOX_TOKENS_PER_SECOND: '1' });
  const exit = once(child, 'exit');
  await poll(output, (text) => text.includes('listening on'), 15_000);
  const url = /http:\/\/[\d.:]+/.exec(output())?.[0] ?? '';
  const messages = [{ role: 'user' as const, content: 'Go on.' }];
  const stream = await openaiClient(url).chat.completions.create({ model: 'atlas-1', messages, stream: true });
  for await (const _chunk of stream) break;
  const hanging = openaiClient(url)
    .chat.completions.create({ model: 'fault-hang', messages })
    .catch(() => 'cut');
  await poll(
    () => json(`${url}/_sandbox/stats`),
    (stats) => JSON.stringify(stats).includes('"hang":1'),
  );
  const asked = performance.now();
  child.kill('SIGTERM');
  const [code] = await exit;

  expect(code).toBe(0);
  expect(performance.now() - asked).toBeLessThan(3_000);
  expect(await hanging).toBe('cut');
});

test.each([
  [{ NODE_ENV: 'production' }, /does not start with NODE_ENV=production/],
  [{ SANDBOX_PORT: 'many' }, /SANDBOX_PORT/],
  [{ SANDBOX_HOST: '203.0.113.1' }, /cannot start on 203\.0\.113\.1/],
])('with %j it says why and ends with an exit code', async (env, message) => {
  const { child, output } = start(env);
  const [code] = await once(child, 'exit');

  expect(code).toBe(1);
  expect(output()).toMatch(message);
});
