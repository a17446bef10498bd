import cluster, { type Worker } from 'node:cluster';
import { invariant } from '@bourse/errors';
import type { Logger } from '@bourse/telemetry';
import { isMessage, isWord, type Message, Questions, type Word } from './messages.ts';

/** How processes are kept. */
export interface PrimaryOptions {
  readonly processes: number;
  readonly log: Logger;
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number;
}

const PATIENCE_MS = 1_500;
const RESTART_MS_FIRST = 200;
const RESTART_MS_MAX = 5_000;
/** A process that lived so long did not fail at its start. */
const HEALTHY_MS = 30_000;

/** Hands a question to all processes (but its asker, for what that one does by itself) and gathers what they say. */
async function askAll(
  message: Extract<Message, { bourse: 'question' }>,
  asker: Worker,
  questions: Questions,
): Promise<unknown[]> {
  const { question } = message;
  const asked = Object.values(cluster.workers ?? {}).filter(
    (worker) => worker?.isConnected() === true && (question.kind === 'metrics' || worker !== asker),
  );
  return Promise.all(asked.map((worker) => questions.ask(question, (sent) => void worker?.send(sent), PATIENCE_MS)));
}

/** Passes news on to everybody but its teller. */
function spread(word: Word, teller: Worker): void {
  for (const worker of Object.values(cluster.workers ?? {})) {
    if (worker !== teller && worker?.isConnected() === true) worker.send(word);
  }
}

/**
 * Runs several processes that share the port, each with a spool and leases of its own, and does nothing else: no request and no money passes
 * through it. A process that dies is replaced, and its spool is settled by the next one. Resolves
 * with the exit code when all have ended: after a signal, or when the first start fails.
 */
export function runPrimary({ processes, log, now }: PrimaryOptions): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const questions = new Questions();
  let isStopping = false;
  let hasListened = false;
  let restartMs = RESTART_MS_FIRST;
  let code = 0;
  let living = 0;

  function start(): void {
    const worker = cluster.fork();
    living += 1;
    const startedAtMs = now();
    // A process that died while it was spoken to: its exit says all.
    worker.on('error', () => undefined);
    worker.on('listening', () => {
      hasListened = true;
    });
    worker.on('message', (message: unknown) => {
      if (isWord(message)) return spread(message, worker);
      if (!isMessage(message)) return undefined;
      if (message.bourse === 'answer') return questions.answered(message.id, message.answer);
      void askAll(message, worker, questions).then((answer) => {
        if (worker.isConnected()) worker.send({ bourse: 'answer', id: message.id, answer } satisfies Message);
        return undefined;
      });
      return undefined;
    });
    worker.on('exit', (exitCode, signal) => onExit(exitCode, signal, now() - startedAtMs));
  }

  function onExit(exitCode: number | null, signal: string | null, livedMs: number): void {
    living -= 1;
    if (isStopping || !hasListened) {
      code = Math.max(code, exitCode ?? 1);
      stop();
      if (living === 0) ended.resolve(code);
      return;
    }
    log.error('gateway.process_lost', new Error(signal ?? `exit code ${exitCode}`), { livedMs: Math.round(livedMs) });
    restartMs = livedMs > HEALTHY_MS ? RESTART_MS_FIRST : Math.min(restartMs * 2, RESTART_MS_MAX);
    setTimeout(() => {
      if (!isStopping) start();
    }, restartMs);
  }

  let signals = 0;
  function stop(): void {
    if (isStopping) return;
    isStopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  }
  function onSignal(): void {
    signals += 1;
    if (signals > 1) process.exit(1);
    stop();
  }
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  invariant(processes > 1, 'one process needs no primary');
  // The processes accept connections themselves. Handed out in turn by the primary, one that is on its way to a process that is killed at
  // that moment would hang until its client gave up.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  for (let count = 0; count < processes; count += 1) start();
  return ended.promise;
}
