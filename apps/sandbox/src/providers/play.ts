import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** One thing that happens on the wire. `tokens` is what writing costs in time. */
export type Step =
  | { readonly kind: 'write'; readonly bytes: string | Uint8Array; readonly tokens: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' };

/** A whole exchange as it will be played. Without headers (`status` null) nothing precedes the steps. */
export type Script = {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: Iterable<Step>;
  /** Tokens to wait for before the first byte: all of them for an answer that is not streamed, else 0. */
  readonly tokensBefore: number;
};

/** How fast a model is. `tokensPerSecond` Infinity and `firstByteMs` 0 answer at once. */
export type Pace = { readonly firstByteMs: number; readonly tokensPerSecond: number };

/** How an exchange ended: we finished it, we broke it on purpose, or the client went away. */
export type Ending = 'finished' | 'broken' | 'aborted';

/** Waits until the moment on the `performance.now()` clock; false when the client left meanwhile. */
async function waitUntil(moment: number, signal: AbortSignal): Promise<boolean> {
  const ms = moment - performance.now();
  if (ms >= 1 && !signal.aborted) await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

/** Hands bytes to the socket, and waits for it to drain when its buffer is full. */
async function write(outgoing: ServerResponse, bytes: string | Uint8Array, signal: AbortSignal): Promise<void> {
  if (outgoing.write(bytes)) return;
  await once(outgoing, 'drain', { signal }).catch(() => undefined);
}

/** Resets the connection (RST, not FIN) once what was written has left the process. */
async function reset({ socket }: ServerResponse): Promise<void> {
  if (socket === null) return;
  await new Promise<void>((resolve) => socket.write('', () => resolve()));
  socket.resetAndDestroy();
}

/** Ends the answer; false when the client left before all of it was handed over. */
async function finish(outgoing: ServerResponse, signal: AbortSignal): Promise<boolean> {
  const finished = once(outgoing, 'finish', { signal }).then(
    () => true,
    () => false,
  );
  outgoing.end();
  return finished;
}

/** Never answers again; resolves when the client has given up. */
async function hang(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function playSteps(
  outgoing: ServerResponse,
  script: Script,
  { pace, signal, startedAt }: Stage,
): Promise<Ending> {
  let tokens = script.tokensBefore;
  const due = () => startedAt + pace.firstByteMs + (tokens * 1_000) / pace.tokensPerSecond;
  if (!(await waitUntil(due(), signal))) return 'aborted';
  if (script.status !== null) outgoing.writeHead(script.status, { ...script.headers });
  for (const step of script.steps) {
    if (step.kind === 'hang') {
      await hang(signal);
      return 'aborted';
    }
    if (step.kind === 'reset') {
      await reset(outgoing);
      return 'broken';
    }
    tokens += step.tokens;
    if (!(await waitUntil(due(), signal))) return 'aborted';
    await write(outgoing, step.bytes, signal);
  }
  return (await finish(outgoing, signal)) ? 'finished' : 'aborted';
}

type Stage = { readonly pace: Pace; readonly signal: AbortSignal; readonly startedAt: number };

/**
 * Plays a script on a socket at the given pace, honouring backpressure, and stops at once when the client hangs up.
 * Never throws for anything that the client does.
 */
export async function play(outgoing: ServerResponse, script: Script, pace: Pace): Promise<Ending> {
  const gone = new AbortController();
  const onClose = () => gone.abort();
  outgoing.once('close', onClose);
  if (outgoing.destroyed || outgoing.socket?.destroyed) gone.abort();
  const stage = { pace, signal: gone.signal, startedAt: performance.now() };
  try {
    return await playSteps(outgoing, script, stage);
  } finally {
    outgoing.off('close', onClose);
  }
}
