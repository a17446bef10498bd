import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Provider } from '@bourse/providers';
import { type SandboxProcess, startSandbox } from '@bourse/testing';
import { openaiChat } from '@bourse/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeRegistry } from '../../../../scripts/registry/provider-registry.ts';
import { callAdapter } from './adapter-call.ts';
import { cases } from './cases.ts';

/** Adding a provider is one file, adding a wire format is one folder: both are done here, in a copy, and pass the battery. */
let sandbox: SandboxProcess;
let copy: string;
const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));

beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_INSTANT: '1' });
  copy = mkdtempSync(join(tmpdir(), 'bourse-newcomer-'));
  for (const name of ['providers', 'wire']) {
    cpSync(join(packages, name, 'src'), join(copy, name, 'src'), { recursive: true });
    symlinkSync(join(packages, name, 'node_modules'), join(copy, name, 'node_modules'));
  }
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(copy, { recursive: true, force: true });
});

/** The provider as the copy's registry has it. */
async function registered(id: string): Promise<Provider> {
  writeRegistry(join(copy, 'providers/src'));
  const module: { registeredProviders: readonly Provider[] } = await import(
    // A module is loaded once: another address is another module.
    `${pathToFileURL(join(copy, 'providers/src/registry.generated.ts')).href}?with=${id}`
  );
  const provider = module.registeredProviders.find((each) => each.id === id);
  if (provider === undefined) throw new Error(`${id} is not registered`);
  return provider;
}

async function strike(provider: string, fault: string): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ provider, fault, count: 1 }),
  });
}

async function expectBattery(provider: Provider): Promise<void> {
  for (const { ask, fault, check } of cases) {
    for (const way of ['whole', 'streamed'] as const) {
      if (fault !== undefined) await strike(provider.id, fault);
      const asked = { ...ask, model: `sandbox/atlas-${ask.model}`, isStreamed: way === 'streamed' };
      const told = await callAdapter(provider, asked, sandbox.url);
      if (!('got' in told)) throw new Error(told.unsupported);
      check(told.got, way);
    }
  }
}

function define(slug: string, exported: string, wire: { readonly name: string; readonly from: string }): void {
  const text = `
    import { ${wire.name} } from '${wire.from}';
    import { forCompatibleServer } from './adjust-body.ts';
    import { defineProvider } from './define-provider.ts';

export const ${exported} = defineProvider({
      id: '${slug}',
      name: 'Newcomer',
      wire: ${wire.name},
      baseUrl: 'https://api.newcomer.example/v1',
      onCancel: 'stops_billing',
      adjustBody: forCompatibleServer,
    });
  `;
  writeFileSync(join(copy, 'providers/src', `${slug}.ts`), text);
}

test('a new provider is one file', async () => {
  define('newcomer', 'newcomer', { name: 'openaiChat', from: '@bourse/wire' });
  await expectBattery(await registered('newcomer'));
});

test('a new wire format is one folder', async () => {
  const folder = join(copy, 'wire/src/newcomer-chat');
  cpSync(join(copy, 'wire/src/openai-chat'), folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll("'openai-chat'", "'newcomer-chat'"));
  }
  define('newcomer-two', 'newcomerTwo', { name: 'openaiChat', from: '../../wire/src/newcomer-chat/index.ts' });
  const provider = await registered('newcomer-two');
  await expectBattery(provider);
  const prompt = openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] });
  expect(provider.apiFor(prompt, 'm')?.wire.id).toBe('newcomer-chat');
});
