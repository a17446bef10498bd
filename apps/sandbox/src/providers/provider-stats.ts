import type { Ending } from './play.ts';

/** What one simulated provider has seen. `aborted`: the client left first. `broken`: we cut the connection on purpose. */
export type ProviderCounts = {
  readonly requests: number;
  readonly inFlight: number;
  readonly finished: number;
  readonly aborted: number;
  readonly broken: number;
  readonly faults: Readonly<Record<string, number>>;
};

/** Counters per provider, for tests that must know what reached the outside world. */
export type ProviderStats = {
  /** Counts a request in; call the result once with how it ended. */
  readonly begin: (provider: string, fault: string | undefined) => (ending: Ending) => void;
  readonly list: () => Readonly<Record<string, ProviderCounts>>;
  readonly clear: () => void;
};

const NOTHING: ProviderCounts = { requests: 0, inFlight: 0, finished: 0, aborted: 0, broken: 0, faults: {} };

/** All counters at zero. */
export function createProviderStats(): ProviderStats {
  const counts = new Map<string, ProviderCounts>();
  const change = (provider: string, edit: (before: ProviderCounts) => ProviderCounts) =>
    counts.set(provider, edit(counts.get(provider) ?? NOTHING));

  return {
    begin: (provider, fault) => {
      change(provider, (before) => ({
        ...before,
        requests: before.requests + 1,
        inFlight: before.inFlight + 1,
        faults: fault === undefined ? before.faults : { ...before.faults, [fault]: (before.faults[fault] ?? 0) + 1 },
      }));
      return (ending) =>
        change(provider, (before) => ({
          ...before,
          // A clear in between may have forgotten that this request began.
          inFlight: Math.max(0, before.inFlight - 1),
          [ending]: before[ending] + 1,
        }));
    },
    list: () => Object.fromEntries(counts),
    clear: () => counts.clear(),
  };
}
