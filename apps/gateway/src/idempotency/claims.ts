import { EventEmitter } from 'node:events';
import type { Database, IdempotencyClaim, IdempotencyEnd, IdempotencyScope, IdempotencyState } from '@bourse/db';
import { generateId } from '@bourse/ids';
import type { Logger } from '@bourse/telemetry';
import type { Background } from '../background.ts';
import type { Signal } from '../signal.ts';
import { within } from '../within.ts';

const TTL_MS = 24 * 3_600_000;
const BEAT_MS = 4_000;
/** Three beats may be lost to a busy database or process before an owner counts as dead. */
const SILENT_MS = 15_000;
/** The answer must not hang for a database that is away: after this long it goes out, and the call goes on by itself. */
const PATIENCE_MS = 2_000;

function nameOf({ apiKeyId, keyHash, bodyHash }: IdempotencyScope): string {
  return `${apiKeyId} ${keyHash} ${bodyHash}`;
}

/** How a claim comes to its end: for good, as if it had never been, or left to whoever asks next. */
export type ClaimEnd = IdempotencyEnd | { readonly state: 'freed' | 'abandoned' };

/**
 * The requests with an Idempotency-Key that this process works on or waits for. Says for all of its own that their owner lives, with one
 * statement and one timer, and wakes those who wait in this process; who waits in another one looks by himself.
 */
export class Claims {
  readonly #store: Database['idempotency'];
  readonly #background: Background;
  readonly #log: Logger;
  readonly #owned = new Map<string, IdempotencyClaim>();
  readonly #looks = new Map<string, Promise<IdempotencyState>>();
  readonly #ended = new EventEmitter().setMaxListeners(0);
  #beat: NodeJS.Timeout | undefined;

  constructor(parts: {
    readonly store: Database['idempotency'];
    readonly background: Background;
    readonly log: Logger;
  }) {
    this.#store = parts.store;
    this.#background = parts.background;
    this.#log = parts.log;
  }

  /** Makes this process the owner of a request, or answers null. An owner must `end` it. Throws when the database is away. */
  async claim(
    scope: IdempotencyScope,
    owner: { readonly organizationId: string; readonly generationId: string },
  ): Promise<IdempotencyClaim | null> {
    const claim = await this.#store.claim({
      ...scope,
      ...owner,
      claimId: generateId('clm'),
      ttlMs: TTL_MS,
      silentMs: SILENT_MS,
    });
    if (claim === null) return null;
    this.#owned.set(claim.claimId, claim);
    this.#beat ??= setInterval(() => this.#beatAll(), BEAT_MS).unref();
    return claim;
  }

  /** What is known of a request; one look for all who ask at the same time. */
  look(scope: IdempotencyScope): Promise<IdempotencyState> {
    const name = nameOf(scope);
    const running = this.#looks.get(name);
    if (running !== undefined) return running;
    const look = this.#store.look(scope, SILENT_MS).finally(() => {
      if (this.#looks.get(name) === look) this.#looks.delete(name);
    });
    this.#looks.set(name, look);
    return look;
  }

  /** Resolves when an owner in this process ended the request, when the client hung up, or after `ms`. */
  wait(scope: IdempotencyScope, ms: number, hangUp: Signal): Promise<void> {
    const name = nameOf(scope);
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#ended.off(name, finish);
        hangUp.forget(finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#ended.once(name, finish);
      hangUp.listen(finish);
    });
  }

  /**
   * Ends a claim. Resolves when that is stored or when waiting for it longer would harm more than it helps; never rejects: a row that
   * keeps its owner although nobody beats is taken over under the same generation id, which is charged once.
   */
  async end(claim: IdempotencyClaim, end: ClaimEnd): Promise<void> {
    const stored = this.#write(claim, end)
      .catch((error: unknown) => this.#log.error('idempotency.not_stored', error, { generationId: claim.generationId }))
      .finally(() => this.#disown(claim));
    this.#background.run('idempotency', stored);
    await within(stored, PATIENCE_MS, undefined);
  }

  /** No more beats: whoever is still owned will be taken over. */
  close(): void {
    clearInterval(this.#beat);
    this.#owned.clear();
  }

  async #write(claim: IdempotencyClaim, end: ClaimEnd): Promise<void> {
    switch (end.state) {
      case 'freed':
        return this.#store.free(claim);
      case 'abandoned':
        return this.#store.abandon(claim);
      case 'done':
      case 'too_large':
      case 'incomplete':
        if (await this.#store.finish(claim, end)) return;
        this.#log.warn('idempotency.claim_lost', { generationId: claim.generationId });
    }
  }

  #disown(claim: IdempotencyClaim): void {
    this.#owned.delete(claim.claimId);
    if (this.#owned.size === 0) {
      clearInterval(this.#beat);
      this.#beat = undefined;
    }
    const name = nameOf(claim);
    // A look that began before the end must not answer those who are woken now.
    this.#looks.delete(name);
    this.#ended.emit(name);
  }

  #beatAll(): void {
    this.#store.heartbeat([...this.#owned.values()]).catch((error: unknown) => {
      this.#log.error('idempotency.heartbeat_failed', error);
    });
  }
}
