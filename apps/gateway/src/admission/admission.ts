import { type RateRule, rateLimitError } from '@bourse/access';
import type { ApiKeySnapshot } from '@bourse/db';
import type { AppError } from '@bourse/errors';
import { FreeDay, Rates, Running } from './caller-limits.ts';
import { type AddressedRequest, ClientAddresses } from './client-address.ts';
import { overloadError } from './overload-error.ts';
import { Pass, type PassWorld, type RefusalReason } from './pass.ts';
import { Pressure, pressureLevels } from './pressure.ts';
import { type OpenAnswer, PressureProbe } from './pressure-probe.ts';
import { type AdmissionSettings, addressRule, failureRule, RuleBook, rulesFor } from './rules.ts';
import type { SharedLimits } from './shared-limits.ts';

/** What admission needs. */
export interface AdmissionOptions {
  readonly settings: AdmissionSettings;
  /** Networks whose word on a client's address counts. */
  readonly trustedProxies: readonly string[];
  /** Told of everything that is refused, by its reason. */
  readonly refused: (reason: RefusalReason) => void;
  /** Told of each request that is decided without the other gateways, because Redis did not answer. */
  readonly alone: () => void;
  /** What gateways have together; null: each has its share. */
  readonly shared: SharedLimits | null;
  /** Among how many the limits are shared out while nobody can be asked. */
  readonly nodes: number;
  /** How late the event loop may be, in milliseconds, before this process is overloaded; 0: it says nothing. */
  readonly loopDelayMs: number;
  readonly now: () => number;
  readonly nowUs: () => number;
  readonly draw: () => number;
}

/** The limits of a key and its organization; null = without one. */
export interface LimitsOfCaller {
  readonly keyRequestsPerMinute: number | null;
  readonly organizationRequestsPerMinute: number | null;
  readonly organizationTokensPerMinute: number | null;
  readonly organizationStreams: number | null;
  readonly freeRequestsPerMinute: number | null;
  readonly freeRequestsPerDay: number | null;
  /** As far as this process knows. */
  readonly freeRequestsToday: number;
}

/** At most 200,000 in all. Addresses can be made up, so they have bounds of their own; keys and organizations are verified ones only. */
const ADDRESSES_MAX = 80_000;
const FAILED_MAX = 20_000;
const KEYS_MAX = 40_000;
const ORGANIZATIONS_MAX = 20_000;

const US_PER_MS = 1_000;

/** Who may come in, and how often: everything about a request but its right and its money. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #clients: ClientAddresses;
  readonly #world: PassWorld;
  readonly #addressRule: RateRule | null;
  readonly #failureRule: RateRule | null;
  readonly #addresses = new Rates('address_requests', ADDRESSES_MAX);
  readonly #failures = new Rates('address_failed_authentication', FAILED_MAX);
  readonly #running = new Running();
  readonly #pressure: Pressure;
  readonly #probe: PressureProbe;

  constructor(options: AdmissionOptions) {
    const { settings, trustedProxies, now, nowUs, draw, refused } = options;
    this.#options = options;
    this.#clients = new ClientAddresses(trustedProxies);
    this.#addressRule = addressRule(settings);
    this.#failureRule = failureRule(settings);
    this.#pressure = new Pressure(options);
    const aborted = (): void => refused('overloaded');
    this.#probe = new PressureProbe({ pressure: this.#pressure, running: this.#running, aborted });
    this.#world = {
      rules: new RuleBook(settings, options.shared === null ? options.nodes : 1),
      keys: new Rates('key_requests', KEYS_MAX),
      organizations: new Rates('organization_requests', ORGANIZATIONS_MAX),
      tokens: new Rates('organization_tokens', ORGANIZATIONS_MAX),
      free: new Rates('free_requests', ORGANIZATIONS_MAX),
      freeDay: new FreeDay(),
      running: this.#running,
      shared: options.shared,
      pressure: this.#pressure,
      refused,
      alone: options.alone,
      nowUs,
      now,
      draw,
    };
  }

  close(): void {
    this.#options.shared?.close();
    this.#probe.close();
  }

  /** Where a request comes from, as limits name it; null for our own infrastructure. */
  addressOf(request: AddressedRequest): string | null {
    return this.#clients.of(request);
  }

  /** The level of pressure (0 green to 3 red), how many requests may run (0 = any number), and bytes that readers have not taken. */
  get felt(): { readonly level: number; readonly cap: number; readonly bufferedBytes: number } {
    const { level, cap } = this.#pressure;
    const told = cap === Number.POSITIVE_INFINITY ? 0 : cap;
    return { level: pressureLevels.indexOf(level), cap: told, bufferedBytes: this.#probe.bufferedBytes };
  }

  /** What is being sent: under the worst of pressure the slowest reader is let go. To be told of its end, too. */
  sending(answer: OpenAnswer, isOpen: boolean): void {
    if (isOpen) this.#probe.opened(answer);
    else this.#probe.closed(answer);
  }

  /** The 503 of a process without memory for anything new, the 429 of an address that asks too often; null for who may come in to generate. */
  turnAwayFromWork(address: string | null): AppError | null {
    if (!this.#pressure.isShut) return this.turnAway(address);
    this.#options.refused('overloaded');
    return overloadError('overloaded', this.#options.draw());
  }

  /** The 429 of an address that asks too often; null when it may come in. Before anything else is looked at. */
  turnAway(address: string | null): AppError | null {
    const rule = this.#addressRule;
    if (rule === null || address === null) return null;
    const nowUs = this.#options.nowUs();
    return this.#addresses.take(rule, address, nowUs) ? null : this.#refusal(this.#addresses, rule, { address, nowUs });
  }

  /** The 429 of an address that has sent too many keys which are none; null when it may try another. */
  suspicion(address: string | null): AppError | null {
    const rule = this.#failureRule;
    if (rule === null || address === null) return null;
    const nowUs = this.#options.nowUs();
    if (this.#failures.remaining(rule, address, nowUs) > 0) return null;
    return this.#refusal(this.#failures, rule, { address, nowUs });
  }

  /** Counts a key that was none. The 429 to answer instead of the 401 when there were too many; else null. */
  authenticationFailed(address: string | null): AppError | null {
    const rule = this.#failureRule;
    if (rule === null || address === null) return null;
    const nowUs = this.#options.nowUs();
    return this.#failures.take(rule, address, nowUs) ? null : this.#refusal(this.#failures, rule, { address, nowUs });
  }

  /** For telling; whole, however many gateways there are. */
  limitsOf(key: ApiKeySnapshot): LimitsOfCaller {
    const rules = rulesFor(key, this.#options.settings);
    return {
      keyRequestsPerMinute: rules.key?.limit ?? null,
      organizationRequestsPerMinute: rules.organization?.limit ?? null,
      organizationTokensPerMinute: rules.tokens?.limit ?? null,
      organizationStreams: rules.streamsMax,
      freeRequestsPerMinute: rules.free?.limit ?? null,
      freeRequestsPerDay: rules.freePerDayMax,
      freeRequestsToday: this.#world.freeDay.used(key.organizationId, key.freeRequests, this.#options.now()),
    };
  }

  /** For a request of this id. */
  pass(id: string): Pass {
    return new Pass(id, this.#world);
  }

  #refusal(rates: Rates, rule: RateRule, { address, nowUs }: { address: string; nowUs: number }): AppError {
    const { now, draw, refused } = this.#options;
    const { source, waitUs, fullInUs } = rates.refusal(rule, address, { cost: 1, nowUs });
    refused(source);
    const resetsAtMs = now() + fullInUs / US_PER_MS;
    return rateLimitError({ source, limit: rule.limit, waitMs: waitUs / US_PER_MS, resetsAtMs, draw: draw() });
  }
}
