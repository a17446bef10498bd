import type { Endpoint } from '@bourse/catalog';
import type { SwitchPosition, SwitchStore } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { within } from '../within.ts';

/** What the kill switches say now; a request reads it from memory. */
export interface Switches {
  /** No new inference is admitted. */
  readonly isReservingStopped: boolean;
  /** Credit is not leased: every request is reserved in the database. */
  readonly isDirect: boolean;
  readonly stoppedProviders: ReadonlySet<string>;
  readonly stoppedEndpoints: ReadonlySet<string>;
}

/** A look that takes longer counts as failed, so that one silent connection does not make this process deaf. */
const LOOK_TIMEOUT_MS = 2_000;

function switchesOf(positions: readonly SwitchPosition[]): Switches {
  const named = (name: SwitchPosition['name']): string[] =>
    positions.filter((position) => position.name === name).map(({ argument }) => argument);
  return {
    isReservingStopped: named('stop_reserves').length > 0,
    isDirect: named('force_direct').length > 0,
    stoppedProviders: new Set(named('stop_provider')),
    stoppedEndpoints: new Set(named('stop_endpoint')),
  };
}

/** True when an operator has stopped the endpoint or its provider. */
export function isStopped({ stoppedProviders, stoppedEndpoints }: Switches, endpoint: Endpoint): boolean {
  return stoppedProviders.has(endpoint.providerSlug) || stoppedEndpoints.has(endpoint.id);
}

/** Throws the 503 of a market whose operator admits no new requests. Programs read `metadata.reason`: `reserves_stopped`. */
export function assertReserving({ isReservingStopped }: Switches): void {
  if (!isReservingStopped) return;
  throw new AppError(
    'service_unavailable',
    'New requests are paused by the operator. Nothing was charged; try again later.',
    {
      metadata: { reason: 'reserves_stopped' },
      retryAfterSeconds: 30,
    },
  );
}

/**
 * The kill switches as this process knows them. Told of a change it looks at once, and every other second in any case, because notices may
 * be lost; while the database does not answer, what was known goes on holding. Freezes are not here: a key's snapshot carries them.
 */
export class SwitchBoard {
  readonly #store: Pick<SwitchStore, 'listOn'>;
  #current: Switches = switchesOf([]);
  #look: Promise<void> | null = null;
  #isStale = false;

  constructor(store: Pick<SwitchStore, 'listOn'>) {
    this.#store = store;
  }

  get current(): Switches {
    return this.#current;
  }

  /** Resolves when what was true at the time of the call is known; rejects when the database does not say. Concurrent calls share a look. */
  refresh(): Promise<void> {
    // A look that is under way may have read before the change of which we were just told.
    this.#isStale = true;
    this.#look ??= this.#lookUntilFresh().finally(() => {
      this.#look = null;
    });
    return this.#look;
  }

  async #lookUntilFresh(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const positions = await within(this.#store.listOn(), LOOK_TIMEOUT_MS, null);
      if (positions === null) throw new Error('the switches cannot be read');
      this.#current = switchesOf(positions);
    }
  }
}
