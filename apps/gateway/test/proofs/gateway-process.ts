import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, wideLimits } from '@bourse/testing';
import { eventually } from '../harness.ts';
import type { Probe } from './probe.ts';

/** The real program in a process of its own, with a probe in it. All three sandbox companies are one scripted provider. */
export interface GatewayProcess {
  readonly port: number;
  /** Null while it runs. */
  readonly exitCode: () => number | null;
  probe(): Promise<Probe>;
  /** A gauge or counter without labels, as operators read it. */
  metric(name: string): Promise<number>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function probeOf(child: ChildProcess): Promise<Probe> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { probe: Probe }) => resolve(message.probe));
    child.once('exit', () => reject(new Error('the gateway has ended')));
    child.send('probe');
  });
}

/** Starts a gateway and resolves when it is ready. */
export async function startGatewayProcess(options: {
  readonly databaseUrl: string;
  readonly providerUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<GatewayProcess> {
  const [port, spoolDir] = await Promise.all([freePort(), mkdtemp(join(tmpdir(), 'bourse-spool-'))]);
  const args = ['--expose-gc', '--import', at('./probe.ts'), at('../../src/main.ts')];
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: options.databaseUrl,
      GATEWAY_PORT: String(port),
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_RETRIES_MAX: '0',
      BOURSE_SANDBOX_URL: options.providerUrl,
      GATEWAY_SPOOL_DIR: spoolDir,
      LOG_LEVEL: 'error',
      ...wideLimits,
      ...options.environment,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200 || child.exitCode !== null,
  );
  return {
    port,
    exitCode: () => child.exitCode,
    probe: () => probeOf(child),
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const value = new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1];
      if (value === undefined) throw new Error(`there is no metric ${name}`);
      return Number(value);
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(spoolDir, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}
