import type { Logger } from '@bourse/telemetry';
import { createClient } from '@redis/client';
import { Breaker, type Permit } from './breaker.ts';
import type { Script } from './script.ts';
import { type Listener, Subscriptions } from './subscriptions.ts';

/** Where Redis is, and how long anybody waits for it. */
export interface RedisOptions {
  /** `redis://` or `rediss://`, with user, password and database if needed. */
  readonly url: string;
  readonly log: Logger;
  /** How long a command may take before its caller goes on without it. A slow Redis is worse than none. */
  readonly deadlineMs?: number;
  /** How long nobody asks after three commands in a row had no answer in time. */
  readonly restMs?: number;
}

/** There was no usable answer in time: not connected, too slow, resting, or an error in place of an answer (its `cause`). */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
}

/** One process' way to Redis. Nothing of it ever waits longer than the deadline, and it reconnects by itself for ever. */
export interface Redis {
  /** True while commands are sent and answered, as far as is known. */
  readonly isUp: boolean;
  /** What a script returns; it is sent whole only to a server that does not know it. Rejects with RedisUnavailable, and may have run even then. */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Any single command, as `run`. */
  command(words: readonly string[]): Promise<unknown>;
  /** Tells everybody who listens now; false when it could not be sent. Best effort: nobody keeps it for who is away. */
  publish(channel: string, text: string): Promise<boolean>;
  /** Listens, now or as soon as there is a connection, until the returned function is called. What is published meanwhile is missed. */
  subscribe(channel: string, listener: Listener): () => void;
  close(): void;
}

const DEADLINE_MS = 20;
const CONNECT_TIMEOUT_MS = 2_000;
const FAILURES_MAX = 3;
const REST_MS = 1_000;
const RECONNECT_MS_MAX = 2_000;
/** A connection on which nothing moves for this long is dead, although nobody has said so. */
const SILENCE_MS_MAX = 5_000;
const PING_MS = 1_000;
/** More than one process can have under way within a deadline. */
const COMMANDS_MAX = 10_000;

function openClient(url: string) {
  const client = createClient({
    url,
    // What waits for a connection waits too long; the caller has something better to do.
    disableOfflineQueue: true,
    commandsQueueMaxLength: COMMANDS_MAX,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS_MAX,
      reconnectStrategy: (retries) => Math.min(RECONNECT_MS_MAX, 50 * 2 ** Math.min(retries, 10)),
    },
  });
  // Every command reports its own failure; the client says it once more here, and ends the process where nobody listens.
  client.on('error', () => undefined);
  // It rejects only when it is closed before it could connect.
  client.connect().catch(() => undefined);
  return client;
}

type Client = ReturnType<typeof openClient>;

class Connection implements Redis {
  readonly #options: Required<RedisOptions>;
  readonly #client: Client;
  readonly #breaker: Breaker;
  #listening: { readonly client: Client; readonly subscriptions: Subscriptions } | null = null;

  constructor(options: RedisOptions) {
    this.#options = { deadlineMs: DEADLINE_MS, restMs: REST_MS, ...options };
    this.#client = openClient(options.url);
    const { restMs: openMs } = this.#options;
    this.#breaker = new Breaker({ failuresMax: FAILURES_MAX, openMs, now: () => performance.now() });
  }

  get isUp(): boolean {
    return this.#client.isReady && this.#breaker.isClosed;
  }

  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    return this.#guard(async () => {
      try {
        return await this.#client.sendCommand(['EVALSHA', script.sha1, ...rest]);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return this.#client.sendCommand(['EVAL', script.lua, ...rest]);
      }
    });
  }

  command(words: readonly string[]): Promise<unknown> {
    return this.#guard(() => this.#client.sendCommand([...words]));
  }

  publish(channel: string, text: string): Promise<boolean> {
    return this.command(['PUBLISH', channel, text]).then(
      () => true,
      () => false,
    );
  }

  subscribe(channel: string, listener: Listener): () => void {
    this.#listening ??= this.#listen();
    return this.#listening.subscriptions.add(channel, listener);
  }

  close(): void {
    this.#client.destroy();
    this.#listening?.client.destroy();
  }

  #listen() {
    // A connection that listens can do nothing else.
    const client = openClient(this.#options.url);
    const subscriptions = new Subscriptions(client, this.#options.log);
    client.on('ready', () => subscriptions.askAll());
    return { client, subscriptions };
  }

  async #guard(send: () => Promise<unknown>): Promise<unknown> {
    const permit = this.#breaker.admit();
    if (permit === null) throw new RedisUnavailable('resting');
    try {
      const answer = await this.#inTime(send());
      this.#report(permit, true);
      return answer;
    } catch (error) {
      this.#report(permit, false, error);
      throw error instanceof RedisUnavailable ? error : new RedisUnavailable('no answer', { cause: error });
    }
  }

  #inTime(answer: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new RedisUnavailable(`no answer within ${this.#options.deadlineMs} ms`));
      // An answer that came while this process was busy lies in the socket and is read before the immediate runs: it is not Redis that was slow.
      const timer = setTimeout(() => setImmediate(late), this.#options.deadlineMs);
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  #report(permit: Permit, isAnswered: boolean, error?: unknown): void {
    const wasClosed = this.#breaker.isClosed;
    this.#breaker.report(permit, isAnswered);
    const { isClosed } = this.#breaker;
    if (wasClosed === isClosed) return;
    if (isClosed) this.#options.log.info('redis.back', {});
    else this.#options.log.error('redis.lost', error);
  }
}

/** Connects in the background: a process starts, and serves, without Redis too. */
export function connectRedis(options: RedisOptions): Redis {
  return new Connection(options);
}
