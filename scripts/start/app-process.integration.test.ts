import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AppProcess, startApp } from './app-process.ts';
import { findFreePorts } from './ports.ts';
import { Refusal } from './refusal.ts';

let folder: string;
let port: number;
let warnings: string[];
let losses: string[];
let apps: AppProcess[];
const never = new AbortController().signal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-app-'));
  port = (await findFreePorts()).gateway;
  warnings = [];
  losses = [];
  apps = [];
});
afterEach(async () => {
  await Promise.all(apps.map((app) => app.stop({ ms: 0, hurry: never })));
  rmSync(folder, { recursive: true, force: true });
});

const server = "require('node:http').createServer((_, answer) => answer.end()).listen(Number(process.env.PORT));";

function start(script: string, canRestart = false): AppProcess {
  const path = join(folder, 'main.cjs');
  writeFileSync(path, script);
  const app = startApp(
    {
      name: 'gateway',
      args: [path],
      cwd: folder,
      variables: { PORT: String(port) },
      healthUrl: `http://localhost:${port}/healthz`,
      canRestart,
    },
    { logDir: folder, onWarning: (line) => warnings.push(line), onLost: (reason) => losses.push(reason) },
  );
  apps.push(app);
  return app;
}

function killNow(app: AppProcess): void {
  const pid = app.pid();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

describe('while it starts', () => {
  test('an app that dies is reported with the end of its log', async () => {
    const app = start("console.log('reading'); console.error('DATABASE_URL is required'); process.exit(3);");
    const failure = await app.ready(20_000).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect(String(failure)).toMatch(/gateway ended while it was starting[\s\S]*DATABASE_URL is required/);
  });

  test('an app that never answers is reported with its address', async () => {
    const app = start('setInterval(() => {}, 1000);');
    await expect(app.ready(300)).rejects.toThrow(
      `gateway did not answer on http://localhost:${port}/healthz within 0.3 s`,
    );
  });
});

describe('while it runs', () => {
  test('its log is in a file, and only warnings are shown', async () => {
    const app = start(`${server}
      setInterval(() => {
        console.log('{"level":30,"event":"listening"}');
        console.log('{"level":40,"event":"provider slow","message":"12 s"}');
      }, 20);`);
    await app.ready(20_000);
    await vi.waitFor(() => expect(warnings).toContain('[gateway] provider slow: 12 s'), { timeout: 10_000 });
    expect(warnings.join()).not.toContain('listening');
    expect(readFileSync(join(folder, 'gateway.log'), 'utf8')).toContain('listening');
  });

  test('a killed app that may restart answers again, from a new process', async () => {
    const app = start(server, true);
    await app.ready(20_000);
    const before = app.pid();
    killNow(app);
    await vi.waitFor(() => expect(app.pid()).not.toBe(before), { timeout: 10_000 });
    await app.ready(20_000);
    expect(losses).toEqual([]);
    expect(warnings[0]).toContain('gateway ended unexpectedly (SIGKILL)');
  });

  test('a killed app that may not restart is lost', async () => {
    const app = start(server);
    await app.ready(20_000);
    killNow(app);
    await vi.waitFor(() => expect(losses).toHaveLength(1), { timeout: 10_000 });
  });
});

describe('when it is stopped', () => {
  test('it may finish its work', async () => {
    const app = start(`${server} process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });`);
    await app.ready(20_000);
    await app.stop({ ms: 20_000, hurry: never });
    expect(readFileSync(join(folder, 'gateway.log'), 'utf8')).toContain('drained');
    expect(losses).toEqual([]);
  });

  test.each([
    ['the grace is over', { ms: 100, hurry: never }],
    ['it must hurry', { ms: 60_000, hurry: AbortSignal.abort() }],
  ])('it is killed when %s', async (_name, grace) => {
    const app = start(`${server} process.on('SIGTERM', () => {});`);
    await app.ready(20_000);
    await app.stop(grace);
    await expect(fetch(`http://localhost:${port}`)).rejects.toThrow();
  });
});
