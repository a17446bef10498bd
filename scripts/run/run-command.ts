import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { rootDir } from './root-dir.ts';

/** What to run. `args` starts with the script when `command` is Node itself. */
export type Command = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Show the output as it comes, besides collecting it. */
  readonly echo?: boolean;
  /** Ends the command and everything it started. */
  readonly signal?: AbortSignal | undefined;
  /** After this long the command counts as hung and is ended. */
  readonly timeoutMs?: number;
};

/** How a command ended. `code` is 128 + n for signal n, as in a shell; `output` holds stdout and stderr as they came. */
export type CommandEnd = {
  readonly code: number;
  readonly output: string;
  readonly stdout: string;
  readonly elapsedMs: number;
};

/**
 * Runs a command to its end; never throws for a failing one.
 * It gets a process group of its own, so that ending it also ends a compiler or browser that it started.
 */
export async function runCommand(options: Command): Promise<CommandEnd> {
  const startedAt = performance.now();
  const child = spawn(options.command, options.args, {
    cwd: options.cwd ?? rootDir,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const chunks: string[] = [];
  const stdoutChunks: string[] = [];
  for (const [from, to] of [[child.stdout, process.stdout] as const, [child.stderr, process.stderr] as const]) {
    from.setEncoding('utf8').on('data', (chunk: string) => {
      chunks.push(chunk);
      if (from === child.stdout) stdoutChunks.push(chunk);
      if (options.echo) to.write(chunk);
    });
  }
  const end = () => endGroup(child.pid);
  const endHung = () => {
    chunks.push(`Ended after ${options.timeoutMs} ms without coming to an end.\n`);
    end();
  };
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(endHung, options.timeoutMs);
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted) end();
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      chunks.push(`${error.message}\n`);
      resolve(127);
    });
    // What the command started and left behind would hold its output open, and `close` would never come.
    child.once('exit', end);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', end);
  return { code, output: chunks.join(''), stdout: stdoutChunks.join(''), elapsedMs: performance.now() - startedAt };
}

/** Asks a process group to stop, and insists after ten seconds. A group that is gone already is what we want. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || !kill(-pid, 'SIGTERM')) return;
  setTimeout(() => kill(-pid, 'SIGKILL'), 10_000).unref();
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // No such process: it ended by itself.
    return false;
  }
}
