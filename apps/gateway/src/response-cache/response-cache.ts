import type { OpenedAnswer } from '../idempotency/sealed-answer.ts';
import { type KeptAnswer, openAnswer, sealAnswer } from '../idempotency/sealed-answer.ts';
import type { SharedAnswers } from './shared-answers.ts';
import { type KeptSource, type StoredAnswer, type StoredFacts, writeFacts } from './stored-answer.ts';

/** Which answer: who asked, where, and for what. An answer can only be opened by whoever has the key's text again. */
export interface AnswerName {
  readonly organizationId: string;
  /** The API key's text. */
  readonly apiKey: string;
  /** Tells route and body apart, and the API keys with it. */
  readonly hash: string;
}

/** A kept answer, opened. */
export interface Kept {
  readonly source: KeptSource;
  readonly answer: OpenedAnswer;
  /** Milliseconds. */
  readonly ageMs: number;
  readonly ttlMs: number;
}

/** How a call ended that others waited for: its answer is kept; or it has none to share; or its client left before it had. */
export type CallEnd = 'kept' | 'failed' | 'left';

/** Maps and names cost about so much beside an answer. */
const ENTRY_BYTES = 1_024;

function sizeOf({ sealed }: StoredAnswer): number {
  return sealed.byteLength + ENTRY_BYTES;
}

function secretsOf({ apiKey, hash }: AnswerName) {
  return { apiKey, idempotencyKey: hash };
}

function placeOf({ organizationId }: AnswerName, facts: StoredFacts) {
  return {
    organizationId,
    claimId: `response-cache ${writeFacts(facts)}`,
    generationId: facts.source.generationId,
  };
}

/**
 * Whole answers in memory, each encrypted under a key that only its client can make, so that neither a bug in the names nor a look into
 * this memory shows one tenant's answers to another. Bounded in bytes: what was not asked for the longest goes first. With `shared`,
 * other gateways have them too.
 */
export class ResponseCache {
  readonly #bytesMax: number;
  readonly #now: () => number;
  readonly #shared: SharedAnswers | null;
  /** The least recently used first. */
  readonly #entries = new Map<string, StoredAnswer>();
  readonly #running = new Map<string, Promise<CallEnd>>();
  #bytes = 0;

  constructor(options: {
    readonly bytesMax: number;
    readonly now: () => number;
    readonly shared: SharedAnswers | null;
  }) {
    this.#bytesMax = options.bytesMax;
    this.#now = options.now;
    this.#shared = options.shared;
    this.#shared?.onForgotten((hash) => this.#drop(hash));
  }

  /** False where the operator gave it no memory. */
  get isOn(): boolean {
    return this.#bytesMax > 0;
  }

  /** What is kept in this memory, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The answer, if one is kept here and not too old. Throws when what is kept was sealed for somebody else. */
  find(name: AnswerName): Kept | null {
    const stored = this.#entries.get(name.hash);
    if (stored === undefined) return null;
    this.#drop(name.hash);
    const kept = this.#open(name, stored);
    if (kept !== null) this.#put(name.hash, stored);
    return kept;
  }

  /** The answer that another gateway keeps, which is kept here from now on; null where nothing is shared. Never rejects. */
  async findShared(name: AnswerName): Promise<Kept | null> {
    const stored = (await this.#shared?.find(name.hash)) ?? null;
    if (stored === null) return null;
    try {
      const kept = this.#open(name, stored);
      if (kept !== null) this.#put(name.hash, stored);
      return kept;
    } catch {
      // Somebody changed it: it is not the answer, and the next call replaces it.
      return null;
    }
  }

  /** Keeps an answer in place of an earlier one; false for one that is larger than the whole cache, which is not kept. */
  keep(name: AnswerName, answer: KeptAnswer, { source, ttlMs }: { source: KeptSource; ttlMs: number }): boolean {
    const facts: StoredFacts = { source, storedAtMs: this.#now(), ttlMs };
    const stored = { facts, sealed: sealAnswer(answer, secretsOf(name), placeOf(name, facts)) };
    this.#drop(name.hash);
    if (sizeOf(stored) > this.#bytesMax) return false;
    this.#put(name.hash, stored);
    this.#shared?.keep(name.hash, stored, ttlMs);
    return true;
  }

  /** Throws the answer away, if there is one, everywhere. */
  forget({ hash }: AnswerName): void {
    this.#drop(hash);
    this.#shared?.forget(hash);
  }

  /** How the call under this name ends, when one runs in this process; null when none does. Never rejects. */
  running({ hash }: AnswerName): Promise<CallEnd> | null {
    return this.#running.get(hash) ?? null;
  }

  /** Makes a call the one that others of its name wait for; what comes back says how it ended, and counts once. */
  begin({ hash }: AnswerName): (end: CallEnd) => void {
    const { promise, resolve } = Promise.withResolvers<CallEnd>();
    this.#running.set(hash, promise);
    return (end) => {
      if (this.#running.get(hash) === promise) this.#running.delete(hash);
      resolve(end);
    };
  }

  #open(name: AnswerName, { facts, sealed }: StoredAnswer): Kept | null {
    // Clocks of two gateways may differ a little.
    const ageMs = Math.max(0, this.#now() - facts.storedAtMs);
    if (ageMs >= facts.ttlMs) return null;
    const answer = openAnswer(sealed, secretsOf(name), placeOf(name, facts));
    return { source: facts.source, answer, ageMs, ttlMs: facts.ttlMs };
  }

  #drop(hash: string): void {
    const stored = this.#entries.get(hash);
    if (stored === undefined) return;
    this.#entries.delete(hash);
    this.#bytes -= sizeOf(stored);
  }

  #put(hash: string, stored: StoredAnswer): void {
    this.#drop(hash);
    this.#entries.set(hash, stored);
    this.#bytes += sizeOf(stored);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#drop(oldest);
    }
  }
}
