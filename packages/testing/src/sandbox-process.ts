import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A sandbox of its own, on ports of its own. */
export interface SandboxProcess {
  readonly url: string;
  readonly smtpUrl: string;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../../apps/sandbox/src/main.ts', import.meta.url));

/** Starts the simulated outside world as it runs in a market: as a process, spoken to over sockets. */
export async function startSandbox(variables: Readonly<Record<string, string>> = {}): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, NODE_ENV: 'test', SANDBOX_PORT: '0', SANDBOX_SMTP_PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url, smtpPort] = /listening on (\S+), mail on port (\d+)/.exec(line) ?? [];
    if (url === undefined || smtpPort === undefined) continue;
    return {
      url,
      smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
      async stop() {
        child.kill('SIGTERM');
        await exited;
      },
    };
  }
  throw new Error('the sandbox ended before it listened');
}
