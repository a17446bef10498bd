import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../../scripts/run/root-dir.ts';
import { pause } from './until.ts';

/** What to run, with the chaos preload before it. */
export interface ProgramSpec {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** How a process came to its end. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A process of the product, or one that stands beside it. It ends with us at the latest. */
export class Program {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  #end: End | null = null;

  constructor({ name, script, env, logFile }: ProgramSpec) {
    this.name = name;
    this.logFile = logFile;
    const log = openSync(logFile, 'a');
    // Room for young garbage, as the product is started with: a start copies less.
    const args = [
      '--max-semi-space-size=64',
      '--import',
      join(rootDir, 'chaos/hooks/preload.ts'),
      join(rootDir, script),
    ];
    const { PATH = '', HOME = '' } = process.env;
    // Only what we say: a provider's key or a database in this shell must not take part.
    this.#child = spawn(process.execPath, args, {
      cwd: rootDir,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    alive.add(this.#child);
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        alive.delete(this.#child);
        this.#end = { code, signal };
        resolve(this.#end);
      });
    });
  }

  /** Null while it runs. */
  get end(): End | null {
    return this.#end;
  }

  signal(name: NodeJS.Signals): void {
    if (this.#end === null) this.#child.kill(name);
  }

  /** SIGTERM, and SIGKILL after `ms`; resolves when it is gone. */
  async stop(ms = 20_000): Promise<End> {
    const timer = setTimeout(() => this.signal('SIGKILL'), ms);
    this.signal('SIGTERM');
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  async kill(): Promise<End> {
    this.signal('SIGKILL');
    return this.ended;
  }

  /** True when the URL answers 200, false when the process ended before. Throws after `ms`. */
  async isReady(url: string, ms = 60_000): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (this.#end === null) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => null); // not listening yet, or busy with its start
      await answer?.arrayBuffer().catch(() => undefined);
      if (answer?.ok) return true;
      if (performance.now() > deadline) throw new Error(`${this.name} was not ready within ${ms} ms:\n${this.tail()}`);
      await pause(30);
    }
    return false;
  }

  /** The last lines that it wrote. */
  tail(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
  }
}
