import { type RateRule, rateRule, shareOfRule } from '@bourse/access';
import type { ApiKeySnapshot } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';

/** Limits of everybody who has none of his own; 0 = no limit. */
export interface AdmissionSettings {
  /** Requests per second from one address, before anything else is looked at. */
  readonly addressPerSecond: number;
  /** Requests per minute from one address whose key is not one. */
  readonly failedAuthenticationsPerMinute: number;
  readonly keyRequestsPerMinute: number;
  readonly organizationRequestsPerMinute: number;
  readonly organizationTokensPerMinute: number;
  /** Requests of one organization that run at once. */
  readonly organizationStreams: number;
  readonly freeRequestsPerMinute: number;
  readonly freeRequestsPerDay: number;
  /** Of organizations that have ever bought credits for ten dollars. */
  readonly freeRequestsPerDayPaid: number;
}

/** What a caller may do; null = without a limit. */
export interface CallerRules {
  readonly key: RateRule | null;
  readonly organization: RateRule | null;
  /** In units of `TOKENS_PER_UNIT`, so that an interval is a whole number of microseconds that are not too few. */
  readonly tokens: RateRule | null;
  readonly free: RateRule | null;
  readonly streamsMax: number | null;
  readonly freePerDayMax: number | null;
}

/** Tokens are counted by the hundred. */
export const TOKENS_PER_UNIT = 100;

/** Who has bought this much in all is no free rider (openrouter.md 6.6: 10 credits). */
const PAID_FROM = nanodollarsFromUsd('10');

const SECOND_US = 1_000_000;

/** Null for 0. */
function atMost(limit: number): number | null {
  return limit > 0 ? limit : null;
}

/** A minute's worth may come at once: one request may ask for much of it. */
function tokenRule(limit: number): RateRule | null {
  const units = Math.max(1, Math.floor(limit / TOKENS_PER_UNIT));
  const rule = limit > 0 ? rateRule(units, { burst: units }) : null;
  return rule && { ...rule, limit };
}

/** Twice a second's worth may come at once: browsers and pools of connections begin in bursts. */
export function addressRule({ addressPerSecond }: AdmissionSettings): RateRule | null {
  return rateRule(addressPerSecond, { periodUs: SECOND_US, burst: 2 * addressPerSecond });
}

/** All of a minute may come at once: people who mistype a key do so several times. */
export function failureRule({ failedAuthenticationsPerMinute: limit }: AdmissionSettings): RateRule | null {
  return rateRule(limit, { burst: limit });
}

function freePerDay(
  { organizationLimits, organizationPurchased }: ApiKeySnapshot,
  settings: AdmissionSettings,
): number {
  const { freeRequestsPerDay, freeRequestsPerDayPaid } = settings;
  const usual = organizationPurchased >= PAID_FROM ? freeRequestsPerDayPaid : freeRequestsPerDay;
  return organizationLimits.freeRequestsPerDay ?? usual;
}

/** The limits of a key and of its organization where they have some, else those of everybody. */
export function rulesFor(key: ApiKeySnapshot, settings: AdmissionSettings): CallerRules {
  const { organizationLimits: own } = key;
  return {
    key: rateRule(key.requestsPerMinute ?? settings.keyRequestsPerMinute),
    organization: rateRule(own.requestsPerMinute ?? settings.organizationRequestsPerMinute),
    tokens: tokenRule(own.tokensPerMinute ?? settings.organizationTokensPerMinute),
    free: rateRule(own.freeRequestsPerMinute ?? settings.freeRequestsPerMinute),
    streamsMax: atMost(own.streams ?? settings.organizationStreams),
    freePerDayMax: atMost(freePerDay(key, settings)),
  };
}

/** What one of several gateways grants that cannot ask one another. */
export function shareOf(rules: CallerRules, nodes: number): CallerRules {
  const share = (rule: RateRule | null): RateRule | null => rule && shareOfRule(rule, nodes);
  return {
    ...rules,
    key: share(rules.key),
    organization: share(rules.organization),
    tokens: share(rules.tokens),
    free: share(rules.free),
    streamsMax: rules.streamsMax && Math.max(1, Math.ceil(rules.streamsMax / nodes)),
  };
}

/** What one caller may do here, and with all gateways together. */
interface Rules {
  readonly own: CallerRules;
  readonly whole: CallerRules;
}

/** The rules of keys as their snapshots carry them, worked out once for each snapshot. */
export class RuleBook {
  readonly #settings: AdmissionSettings;
  #known = new WeakMap<ApiKeySnapshot, Rules>();
  #nodes: number;

  constructor(settings: AdmissionSettings, nodes: number) {
    this.#settings = settings;
    this.#nodes = nodes;
  }

  /** Among how many the limits are shared out; 1 = each grants all of them, because somebody else watches over the sum. */
  set nodes(nodes: number) {
    if (nodes === this.#nodes) return;
    this.#nodes = nodes;
    this.#known = new WeakMap();
  }

  /** What this process grants. */
  of(key: ApiKeySnapshot): CallerRules {
    return this.#rules(key).own;
  }

  /** What all of them grant together. */
  wholeOf(key: ApiKeySnapshot): CallerRules {
    return this.#rules(key).whole;
  }

  #rules(key: ApiKeySnapshot): Rules {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const whole = rulesFor(key, this.#settings);
    const rules = { whole, own: this.#nodes === 1 ? whole : shareOf(whole, this.#nodes) };
    this.#known.set(key, rules);
    return rules;
  }
}
