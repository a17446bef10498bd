import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from './refusal.ts';

/** What is started, and how it is known to be well. */
export type AppSpec = {
  readonly name: string;
  /** For this very Node, script first. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Answers 2xx when the app is ready. */
  readonly healthUrl: string;
  /** Whether it is started again when it dies; it must leave nothing half done. */
  readonly canRestart: boolean;
};

export type AppSurroundings = {
  readonly logDir: string;
  /** A line that a person should see at once. */
  readonly onWarning: (line: string) => void;
  /** The app is down for good. */
  readonly onLost: (reason: string) => void;
};

/** A running app. */
export interface AppProcess {
  readonly name: string;
  /** The number of the process that runs now; a restart changes it. */
  pid(): number | undefined;
  /** Resolves when the app answers; throws a Refusal with the end of its log when it dies or stays silent. */
  ready(deadlineMs: number): Promise<void>;
  /** Asks it to stop, and insists after the grace or when told to hurry. Resolves when it is gone. */
  stop(grace: Grace): Promise<void>;
}

/** How long an app may finish what it does, and a signal that ends the patience at once. */
export type Grace = { readonly ms: number; readonly hurry: AbortSignal };

const restartsMax = 5;
const calmMs = 60_000;

/** Starts an app with its log in `<logDir>/<name>.log`, and keeps it running if it may be restarted. */
export function startApp(spec: AppSpec, around: AppSurroundings): AppProcess {
  const log = openLog(around.logDir, spec.name);
  const tail: string[] = [];
  let isStopping = false;
  let isReady = false;
  let restarts = 0;

  const onLine = (line: string) => {
    log.write(`${line}\n`);
    tail.push(line);
    if (tail.length > 20) tail.shift();
    if (isReady && !isStopping && isWarning(line)) around.onWarning(`[${spec.name}] ${readable(line)}`);
  };
  const launch = (): ChildProcess => {
    const startedAt = performance.now();
    const launched = spawnApp(spec, onLine);
    launched.once('exit', (code, signal) => {
      if (isStopping || !isReady) return;
      if (performance.now() - startedAt > calmMs) restarts = 0;
      const ending = `${spec.name} ended unexpectedly (${signal ?? `exit code ${code}`})`;
      if (!spec.canRestart || restarts >= restartsMax)
        return around.onLost(`${ending}. Its log ends with:\n${tail.join('\n')}`);
      const waitMs = 250 * 2 ** restarts++;
      around.onWarning(`${ending}; it is started again in ${waitMs} ms.`);
      setTimeout(() => {
        if (!isStopping) child = launch();
      }, waitMs);
    });
    return launched;
  };
  let child = launch();

  return {
    name: spec.name,
    pid: () => child.pid,
    async ready(deadlineMs) {
      await waitUntilHealthy(spec, child, { deadlineMs, describeTail: () => tail.join('\n') });
      isReady = true;
    },
    async stop(grace) {
      isStopping = true;
      await endChild(child, grace);
      await new Promise<void>((resolve) => log.end(() => resolve()));
    },
  };
}

function openLog(logDir: string, name: string): WriteStream {
  mkdirSync(logDir, { recursive: true });
  const path = join(logDir, `${name}.log`);
  // The log of the run before is often the one that is wanted.
  if (existsSync(path)) renameSync(path, join(logDir, `${name}.previous.log`));
  return createWriteStream(path, { mode: 0o600 });
}

function spawnApp({ args, cwd, variables }: AppSpec, onLine: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, args, { cwd, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  child.once('error', (error) => onLine(error.message));
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  return child;
}

type Patience = { readonly deadlineMs: number; readonly describeTail: () => string };

async function waitUntilHealthy(
  spec: AppSpec,
  child: ChildProcess,
  { deadlineMs, describeTail }: Patience,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await isHealthy(spec.healthUrl))) {
    if (hasEnded(child)) {
      throw new Refusal(`${spec.name} ended while it was starting. Its log ends with:\n${describeTail()}`);
    }
    if (performance.now() > deadline) {
      throw new Refusal(
        `${spec.name} did not answer on ${spec.healthUrl} within ${deadlineMs / 1000} s. Its log ends with:\n${describeTail()}`,
      );
    }
    await delay(50);
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function endChild(child: ChildProcess, { ms, hurry }: Grace): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const insist = () => child.kill('SIGKILL');
  const timer = setTimeout(insist, ms);
  hurry.addEventListener('abort', insist, { once: true });
  child.kill('SIGTERM');
  if (hurry.aborted) insist();
  await ended;
  clearTimeout(timer);
  hurry.removeEventListener('abort', insist);
}

/** pino's levels from 40 on, and what programs write when they fall. */
function isWarning(line: string): boolean {
  const level = /^\{"level":(\d+)/.exec(line)?.[1];
  return level === undefined ? /\b(error|warn(ing)?|fatal)\b/i.test(line) : Number(level) >= 40;
}

/** A JSON log line as a person would write it. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  const field = (name: string) => new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1];
  return [field('event'), field('message')].filter(Boolean).join(': ') || line;
}
