import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';
import type { Variables } from './environment.ts';
import { Refusal } from './refusal.ts';

/**
 * Sends the history of a living market through the gateway, once per state directory.
 * Answers whether it did; throws a Refusal when the traffic fails, as then the market would not work for anyone.
 */
export async function makeDemoHistory(stateDir: string, variables: Variables, signal?: AbortSignal): Promise<boolean> {
  const donePath = join(stateDir, 'demo-history.done');
  if (existsSync(donePath)) return false;
  const { code, output } = await runCommand({
    command: process.execPath,
    args: [join(rootDir, 'scripts/demo-traffic.ts'), '--history'],
    env: variables,
    signal,
    timeoutMs: 600_000,
  });
  if (code !== 0)
    throw new Refusal(`The demo traffic failed with exit code ${code}:\n${output.trimEnd().slice(-4000)}`);
  writeFileSync(donePath, '');
  return true;
}

/**
 * A model for the first call: answered by the sandbox, so it needs no provider key, and priced, so that the call shows up
 * in the books.
 */
export async function findDemoModel(gatewayUrl: string): Promise<string> {
  const answer = await fetch(`${gatewayUrl}/models`, { signal: AbortSignal.timeout(10_000) });
  const body: unknown = await answer.json();
  const models = listOf(body, 'data').map((model) => ({ id: Reflect.get(model, 'id'), price: promptPrice(model) }));
  const found = models.find(({ id, price }) => typeof id === 'string' && id.startsWith('sandbox/') && price > 0);
  if (typeof found?.id !== 'string')
    throw new Error(`No sandbox model with a price is listed on ${gatewayUrl}/models.`);
  return found.id;
}

function promptPrice(model: object): number {
  const pricing: unknown = Reflect.get(model, 'pricing');
  return typeof pricing === 'object' && pricing !== null ? Number(Reflect.get(pricing, 'prompt')) : 0;
}

function listOf(value: unknown, name: string): object[] {
  const list: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return Array.isArray(list) ? list.filter((each) => typeof each === 'object' && each !== null) : [];
}
