/** Remembers which keys were used and writes it down once in a while: a request must not wait for a "last used" column. */
export interface KeyUse {
  readonly used: (apiKeyId: string) => void;
  /** Writes what was gathered. A failed write is dropped with its ids: the column is a hint, accurate to a flush. */
  readonly flush: () => Promise<void>;
}

/** A recorder over `touch`, which writes one moment for many keys. */
export function createKeyUse(touch: (apiKeyIds: readonly string[]) => Promise<void>): KeyUse {
  let gathered = new Set<string>();
  return {
    used: (apiKeyId) => void gathered.add(apiKeyId),
    async flush() {
      if (gathered.size === 0) return;
      const ids = [...gathered];
      gathered = new Set();
      try {
        await touch(ids);
      } catch (error) {
        // The next flush may find the database there again.
        for (const id of ids) gathered.add(id);
        throw error;
      }
    },
  };
}
