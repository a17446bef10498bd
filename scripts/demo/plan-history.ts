import type { CatalogSnapshot, Endpoint } from '@bourse/catalog';
import type { Usage } from '@bourse/generation';
import {
  type AppShape,
  appShapes,
  type ModelShape,
  modelShapes,
  organizationShapes,
  type Pursuit,
  pursuits,
} from './market-shape.ts';
import { type Random, seededRandom } from './random.ts';

/** What to make up. The same options give the same plan, also on another day: that is what makes a second run harmless. */
export interface HistoryOptions {
  readonly snapshot: CatalogSnapshot;
  /** The end of the history; its beginning is `days` earlier. */
  readonly until: Date;
  readonly days: number;
  /** About how many generations. */
  readonly count: number;
  readonly seed: string;
}

/** A generation to write into the books. */
export interface PlannedGeneration {
  readonly id: string;
  /** Index into `organizationShapes`. */
  readonly organization: number;
  readonly app: AppShape | null;
  readonly endpoint: Endpoint;
  readonly createdAt: Date;
  readonly usage: Usage;
  readonly end: 'finished' | 'client_cancelled' | 'upstream_error';
  readonly isStreamed: boolean;
  readonly latencyMs: number;
  readonly generationMs: number;
}

interface Market {
  readonly shape: ModelShape;
  readonly endpoints: readonly Endpoint[];
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** The last two days are drawn by the hour on pages, so they get more and smaller generations for the same tokens. */
const FINE_HOURS = 48;
const FINENESS = 4;
const TOKENS_MIN = 20_000;
const TOKENS_MAX = 2_000_000;
const SHARE_WITHOUT_APP = 0.18;
const SHARE_FAILED = 0.012;
const SHARE_CANCELLED = 0.02;

/** Models of the shape that the catalog sells, with the endpoints that sell them. */
function marketsOf(snapshot: CatalogSnapshot): readonly Market[] {
  return modelShapes.flatMap((shape) => {
    const endpoints = (snapshot.endpointsByModel.get(shape.slug) ?? []).filter(
      (each) => each.isEnabled && isPriced(each),
    );
    return endpoints.length === 0 ? [] : [{ shape, endpoints }];
  });
}

function isPriced({ prices }: Endpoint): boolean {
  const has = (meter: string) => prices.lines.some((line) => line.meter === meter && line.aboveInputTokens === 0);
  return has('input') && has('output');
}

/** How much of a model is used in an hour: its trend, its launch, the weekday, the time of day (busiest 14:00 to 16:00 UTC). */
function intensity(shape: ModelShape, at: Date, hoursAgo: number): number {
  const daysAgo = hoursAgo / DAY_HOURS;
  const sinceLaunch = shape.launchedDaysAgo === undefined ? Number.POSITIVE_INFINITY : shape.launchedDaysAgo - daysAgo;
  if (sinceLaunch <= 0) return 0;
  const trend = shape.weight * shape.weeklyGrowth ** (-daysAgo / 7);
  const arrival = 1 - Math.exp(-sinceLaunch / 2.5);
  const isWeekend = at.getUTCDay() === 0 || at.getUTCDay() === 6;
  const rhythm = 1 + 0.55 * Math.cos(((at.getUTCHours() - 15) / DAY_HOURS) * 2 * Math.PI);
  return trend * arrival * rhythm * (isWeekend ? pursuits[shape.pursuit].weekend : 1);
}

function clampTokens(tokens: number, fineness: number): number {
  return Math.round(Math.min(Math.max(tokens, TOKENS_MIN), TOKENS_MAX) / fineness);
}

/** Disjoint meters, as providers report them; what a price sheet does not tell apart is not told apart here either. */
function usageOf(shape: ModelShape, endpoint: Endpoint, input: { random: Random; fineness: number }): Usage {
  const { random, fineness } = input;
  const wanted = pursuits[shape.pursuit];
  const inputTokens = clampTokens(random.around(wanted.inputTokens, 0.7), fineness);
  const outputTokens = Math.max(64, Math.round(random.around(wanted.outputTokens, 0.6) / fineness));
  const hasMeter = (meter: string) => endpoint.prices.lines.some((line) => line.meter === meter);
  const cached = hasMeter('input_cache_read') ? Math.round(inputTokens * wanted.cachedShare * random.draw() * 1.4) : 0;
  const isReasoning = endpoint.supportedParameters.includes('reasoning');
  const reasoning = isReasoning ? Math.round(outputTokens * (0.25 + 0.4 * random.draw())) : 0;
  return {
    input: inputTokens - cached,
    ...(cached > 0 ? { input_cache_read: cached } : {}),
    output: outputTokens - reasoning,
    ...(reasoning > 0 ? { output_reasoning: reasoning } : {}),
    request: 1,
  };
}

/** Cheap endpoints get more: what price-weighted routing does. */
function pickEndpoint(endpoints: readonly Endpoint[], random: Random): Endpoint | undefined {
  const prices = endpoints.map(
    ({ prices: { lines } }) => Number(lines.find(({ meter }) => meter === 'input')?.price ?? 0n) + 1,
  );
  return endpoints[random.pick(prices.map((price) => 1 / price ** 2))];
}

function pickApp(pursuit: Pursuit, random: Random): AppShape | null {
  if (random.draw() < SHARE_WITHOUT_APP) return null;
  const weights = appShapes.map(({ weight, pursuits: does }) => (does.includes(pursuit) ? weight : weight / 30));
  return appShapes[random.pick(weights)] ?? null;
}

function pickEnd(random: Random): PlannedGeneration['end'] {
  const draw = random.draw();
  if (draw < SHARE_FAILED) return 'upstream_error';
  return draw < SHARE_FAILED + SHARE_CANCELLED ? 'client_cancelled' : 'finished';
}

function planOne(
  market: Market,
  hourStartMs: number,
  input: { random: Random; fineness: number },
): PlannedGeneration[] {
  const { random } = input;
  const { shape } = market;
  const endpoint = pickEndpoint(market.endpoints, random);
  if (endpoint === undefined) return [];
  const createdAtMs = hourStartMs + Math.floor(random.draw() * HOUR_MS);
  const usage = usageOf(shape, endpoint, input);
  return [
    {
      id: `gen-${Math.floor(createdAtMs / 1_000)}-${random.base62(20)}`,
      organization: random.pick(organizationShapes.map(({ weight }) => weight)),
      app: pickApp(shape.pursuit, random),
      endpoint,
      createdAt: new Date(createdAtMs),
      usage,
      end: pickEnd(random),
      isStreamed: random.draw() < 0.8,
      latencyMs: Math.round(random.around(620, 0.5)),
      generationMs: Math.round(
        (((usage.output ?? 0) + (usage.output_reasoning ?? 0)) / random.around(75, 0.35)) * 1_000,
      ),
    },
  ];
}

interface Hour {
  readonly startMs: number;
  readonly fineness: number;
  readonly weights: readonly number[];
}

function hoursOf(markets: readonly Market[], options: HistoryOptions): readonly Hour[] {
  const hours = options.days * DAY_HOURS;
  return Array.from({ length: hours }, (_, index) => {
    const hoursAgo = hours - index;
    const startMs = options.until.getTime() - hoursAgo * HOUR_MS;
    const fineness = hoursAgo <= FINE_HOURS ? FINENESS : 1;
    const at = new Date(startMs);
    return { startMs, fineness, weights: markets.map(({ shape }) => fineness * intensity(shape, at, hoursAgo)) };
  });
}

/** The whole history, oldest first. Empty when the catalog sells none of the demo market's models. */
export function planHistory(options: HistoryOptions): readonly PlannedGeneration[] {
  const markets = marketsOf(options.snapshot);
  const hours = hoursOf(markets, options);
  const total = hours.reduce((sum, { weights }) => sum + weights.reduce((all, weight) => all + weight, 0), 0);
  const random = seededRandom(options.seed);
  return hours
    .flatMap(({ startMs, fineness, weights }) =>
      weights.flatMap((weight, at) => {
        const market = markets[at];
        // The fraction is drawn, so that rare models appear now and then instead of never.
        const count = Math.floor((options.count * weight) / total + random.draw());
        if (market === undefined) return [];
        return Array.from({ length: count }).flatMap(() => planOne(market, startMs, { random, fineness }));
      }),
    )
    .toSorted((left, right) => left.createdAt.getTime() - right.createdAt.getTime());
}
