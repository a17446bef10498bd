import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../scripts/run/root-dir.ts';
import type { Vitals } from './probe.ts';

/** A process under measurement. */
export interface ProbedProcess {
  readonly name: string;
  /** Sends a message and resolves with the member `answer` of what comes back. One question at a time. */
  readonly ask: (message: unknown, answer: string) => Promise<unknown>;
  /** Resolves with the member of the first unasked message that has it. */
  readonly told: (answer: string) => Promise<unknown>;
  readonly vitals: (options?: { readonly withGc: boolean }) => Promise<Vitals>;
  /** SIGTERM, and SIGKILL after 20 s; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

/** What to run, with the probe loaded before it. Its output goes to `logFile`. */
export interface ProbedSpec {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** For Node itself, e.g. `--cpu-prof`. */
  readonly nodeArgs?: readonly string[];
}

const ANSWER_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;

function isVitals(value: unknown): value is Vitals {
  return typeof value === 'object' && value !== null && 'cpuMicros' in value && 'liveBytes' in value;
}

function launch({ script, env, logFile, nodeArgs = [] }: ProbedSpec): ChildProcess {
  const args = [...nodeArgs, '--expose-gc', '--import', join(rootDir, 'bench/probe.ts'), join(rootDir, script)];
  // Only what we say: a provider's key or a database in this shell must not take part.
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: rootDir,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile);
  for (const stream of [child.stdout, child.stderr]) stream?.pipe(log, { end: false });
  return child;
}

/** Starts a process of the bench. It ends with us, however we end: the probe's channel closes. */
export function startProbed(spec: ProbedSpec): ProbedProcess {
  const child = launch(spec);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  const told = (answer: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => finish(() => reject(new Error(`${spec.name} did not answer.`))),
        ANSWER_TIMEOUT_MS,
      );
      const onExit = (code: number | null) =>
        finish(() => reject(new Error(`${spec.name} ended with code ${code}; its output is in ${spec.logFile}.`)));
      const onMessage = (message: unknown) => {
        if (typeof message !== 'object' || message === null) return;
        if ('failure' in message) finish(() => reject(new Error(`${spec.name}: ${String(message.failure)}`)));
        else if (answer in message) finish(() => resolve(Reflect.get(message, answer)));
      };
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        child.off('exit', onExit).off('message', onMessage);
        settle();
      };
      child.once('exit', onExit).on('message', onMessage);
    });
  const ask = (message: unknown, answer: string): Promise<unknown> => {
    const answered = told(answer);
    child.send(message as object); // a string or a plain object, which is all that we send
    return answered;
  };

  return {
    name: spec.name,
    ask,
    told,
    vitals: async (options = { withGc: false }) => {
      const vitals = await ask(options.withGc ? 'vitals-gc' : 'vitals', 'vitals');
      if (!isVitals(vitals)) throw new Error(`${spec.name} has no vitals.`);
      return vitals;
    },
    stop: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      child.kill('SIGTERM');
      await gone;
      clearTimeout(timer);
    },
  };
}
