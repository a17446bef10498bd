import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ledgerCheck } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  freePort,
  type TestDatabase,
  type TestOrganization,
  wideLimits,
} from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './harness.ts';
import { beginStream, frames, hello, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

const ROUNDS = 6;
const CLIENTS = 12;

let database: TestDatabase;
let owner: TestOrganization;
let provider: ScriptedProvider;
let port: number;
let spoolDir: string;

beforeAll(async () => {
  [database, provider, port] = await Promise.all([createTestDatabase(), startScriptedProvider(), freePort()]);
  spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  owner = await createOrganization(database.db, { credits: nanodollarsFromUsd('100') });
  provider.script = async (call) => {
    if (call.body['stream'] !== true) return hello(call);
    beginStream(call.response);
    for (const piece of [
      frames.role,
      frames.text('a'),
      frames.text('b'),
      frames.text('c'),
      frames.finish,
      frames.usage(10, 3),
      frames.done,
    ]) {
      call.response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    call.response.end();
  };
});
afterAll(async () => {
  // One that did not get ready, or outlived a failed expectation, would hold the output of the whole run open.
  for (const child of children) child.kill('SIGKILL');
  await provider.close();
  await database.drop();
  await rm(spoolDir, { recursive: true, force: true });
});

const children: ChildProcess[] = [];

/** The real program, so that `kill -9` takes what a real one would lose. Holds live three seconds. */
async function startProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: database.url,
      GATEWAY_PORT: String(port),
      GATEWAY_HOST: '127.0.0.1',
      BOURSE_SANDBOX_URL: provider.url,
      GATEWAY_TOTAL_TIMEOUT_MS: '2000',
      GATEWAY_HOLD_MARGIN_MS: '1000',
      GATEWAY_SPOOL_DIR: spoolDir,
      LOG_LEVEL: 'error',
      ...wideLimits,
    },
    stdio: 'inherit',
  });
  children.push(child);
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        (response) => response.status,
        () => 0,
      ),
    (status) => status === 200,
  );
  return child;
}

/** What a client saw: the id and the cost of an answer that reached its end, else null. */
async function ask(isStreamed: boolean): Promise<{ id: string; cost: number } | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.apiKey}` },
      body: JSON.stringify({
        model: 'sandbox/atlas-1',
        stream: isStreamed,
        max_tokens: 50,
        messages: [{ role: 'user', content: 'hi' }],
      }),
    });
    const text = await response.text();
    const id = response.headers.get('x-generation-id') ?? '';
    if (isStreamed && !text.trimEnd().endsWith('data: [DONE]')) return null;
    const cost = /"cost":([\d.e-]+)/.exec(text)?.[1];
    return cost === undefined ? null : { id, cost: Number(cost) };
  } catch {
    // The process was killed under the request: nothing was promised.
    return null;
  }
}

test('kill -9 at any time: what was delivered is charged once, nothing else is, and no hold outlives its time', async () => {
  const delivered: { id: string; cost: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = await startProcess();
    const enough = delivered.length + 5 + round * 2;
    const clients = Array.from({ length: CLIENTS }, async (_, index) => {
      for (let count = 0; count < 50 && child.signalCode === null; count += 1) {
        const answer = await ask((index + count) % 2 === 0);
        if (answer !== null) delivered.push(answer);
        // The others are somewhere between their first and their last byte now.
        if (delivered.length >= enough) child.kill('SIGKILL');
      }
    });
    await Promise.all(clients);
    expect(child.signalCode).toBe('SIGKILL');
  }
  const child = await startProcess();
  const last = await ask(true);
  expect(last).not.toBeNull();
  if (last !== null) delivered.push(last);
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);

  await eventually(
    async () => {
      await database.db.ledger.expireHolds(500);
      return database.db.ledger.openHolds();
    },
    ({ count }) => count === 0,
  );
  for (const { id, cost } of delivered) {
    const stored = await database.db.generations.find({ id, organizationId: owner.organizationId });
    expect(Number(stored?.charge ?? -1n)).toBe(Math.round(cost * 1e9));
  }
  expect(delivered.length).toBeGreaterThanOrEqual(ROUNDS * 5);
  expect((await ledgerCheck({ url: database.url, form: 'full' })).filter((check) => check.differences > 0)).toEqual([]);
}, 120_000);
