import type { Redis } from '@bourse/redis';
import type { Background } from '../background.ts';
import { readStored, type StoredAnswer, writeStored } from './stored-answer.ts';

/** Answers that several gateways share. Nothing of it rejects or waits long: what cannot be had now is not there. */
export interface SharedAnswers {
  /** What is stored under a hash; null when nothing is, or nobody says so in time. */
  find(hash: string): Promise<StoredAnswer | null>;
  /** Stores it for so many milliseconds, after the caller has gone on; what is too large to be moved quickly is left out. */
  keep(hash: string, stored: StoredAnswer, ttlMs: number): void;
  /** Throws it away here and tells everybody, after the caller has gone on. */
  forget(hash: string): void;
  /** Calls back with each hash that somebody threw away. */
  onForgotten(listener: (hash: string) => void): void;
}

/** Larger values would hold up the commands behind them, for which everybody waits milliseconds. */
const STORED_LENGTH_MAX = 256 * 1024;

const PREFIX = 'bourse:cache:';
const FORGOTTEN = 'bourse:cache-forgotten';

/** Answers in Redis. It sees ciphertext and hashes that only the holder of an API key can make. */
export function answersInRedis(redis: Redis, background: Background): SharedAnswers {
  return {
    async find(hash) {
      if (!redis.isUp) return null;
      try {
        const text = await redis.command(['GET', PREFIX + hash]);
        return typeof text === 'string' ? readStored(text) : null;
      } catch {
        // No Redis, or something in it that is not ours: a miss, for which there is an answer.
        return null;
      }
    },
    keep(hash, stored, ttlMs) {
      const text = writeStored(stored);
      if (text.length > STORED_LENGTH_MAX || !redis.isUp) return;
      const command = redis.command(['SET', PREFIX + hash, text, 'PX', String(Math.ceil(ttlMs))]);
      background.run(
        'cache.keep',
        command.catch(() => undefined),
      );
    },
    forget(hash) {
      const dropped = redis.command(['DEL', PREFIX + hash]).catch(() => undefined);
      background.run(
        'cache.forget',
        dropped.then(() => redis.publish(FORGOTTEN, hash)),
      );
    },
    onForgotten(listener) {
      redis.subscribe(FORGOTTEN, listener);
    },
  };
}
