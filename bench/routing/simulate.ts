import { computeCharge } from '@bourse/billing';
import type { Endpoint } from '@bourse/catalog';
import { HealthBook } from '@bourse/routing';
import { Agenda } from './agenda.ts';
import type { Outage, SimulatedEndpoint, SimulatedMarket } from './market.ts';
import { type PolicyName, policyOf } from './policies.ts';
import { logNormal, randomOf } from './random.ts';
import { type SimulatedRequest, trafficOf } from './traffic.ts';

/** What a policy made of the traffic. Times are virtual milliseconds. */
export interface PolicyResult {
  readonly policy: PolicyName;
  readonly requests: number;
  /** Whole answers. */
  readonly answered: number;
  /** Of them, those whose first token came within ten seconds: what a client would call a success. */
  readonly inTime: number;
  /** No endpoint gave a first token. */
  readonly refused: number;
  /** Broken off after the first token. */
  readonly cut: number;
  readonly attempts: number;
  /** Attempts at an endpoint in an outage. */
  readonly attemptsIntoOutages: number;
  /** Answered by another endpoint than the first of the order. */
  readonly rescued: number;
  readonly firstTokenMs: { readonly p50: number; readonly p99: number };
  /** What a thousand whole answers cost, dollars. */
  readonly usdPerThousand: number;
  /** Whole answers by endpoint id. */
  readonly answersByEndpoint: ReadonlyMap<string, number>;
}

/** A run; the same options give the same result. */
export interface SimulationOptions {
  readonly market: SimulatedMarket;
  readonly policy: PolicyName;
  readonly seed: number;
  readonly count: number;
  readonly durationMs: number;
  /** How often readings of health are brought up to date; outages show at once. Gateways do it four times a second. */
  readonly refreshMs?: number;
}

const REFRESH_MS = 5_000;
/** The time that a gateway waits for a first token before it moves on. */
const HANG_MS = 10_000;
/** A first token that comes later is too late for many clients. */
const PATIENCE_MS = 10_000;
const RESET_MS = 40;
const ERROR_MS = 250;
const REFUSED_MS = 60;
/** An endpoint that nobody called for so long is called once, so that something is known of it. Such calls are in no result. */
const QUIET_MS = 20_000;

/** One request under way; none for a probe. */
interface Run {
  readonly request: SimulatedRequest | null;
  readonly order: readonly Endpoint[];
  attempt: number;
}

/** What a call comes to, known as it is made. */
type Fate =
  | { readonly kind: 'failed' | 'limited'; readonly afterMs: number }
  | { readonly kind: 'answered'; readonly afterMs: number; readonly tokensPerSecond: number };

interface Step {
  readonly atMs: number;
  readonly run: Run;
  readonly endpoint: Endpoint;
  readonly fate: Fate;
  /** When the first token came; null before that: then this is its coming, else the end of the answer. */
  readonly beganAtMs: number | null;
}

/** How an endpoint stands at a moment; moments do not go back. */
class EndpointState {
  readonly #simulated: SimulatedEndpoint;
  #outage = 0;
  #second = -1;
  #calls = 0;
  calledAtMs = 0;

  constructor(simulated: SimulatedEndpoint) {
    this.#simulated = simulated;
  }

  outageAt(nowMs: number): Outage | null {
    const { outages } = this.#simulated;
    while ((outages[this.#outage]?.toMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#outage += 1;
    const outage = outages[this.#outage];
    return outage !== undefined && outage.fromMs <= nowMs ? outage : null;
  }

  /** What a call at this moment comes to. */
  call(nowMs: number, outage: Outage | null, draw: () => number): Fate {
    const { latencyMs, tokensPerSecond, failureShare, callsPerSecondMax } = this.#simulated;
    this.calledAtMs = nowMs;
    const second = Math.floor(nowMs / 1_000);
    this.#calls = second === this.#second ? this.#calls + 1 : 1;
    this.#second = second;
    if (this.#calls > callsPerSecondMax) return { kind: 'limited', afterMs: REFUSED_MS };
    if (outage !== null && draw() < outage.share) {
      const waits = { reset: RESET_MS, error: ERROR_MS, hang: HANG_MS };
      return { kind: 'failed', afterMs: waits[outage.kind] };
    }
    if (draw() < failureShare) return { kind: 'failed', afterMs: ERROR_MS };
    const speed = { tokensPerSecond: logNormal(tokensPerSecond, 0.2, draw) };
    return { kind: 'answered', afterMs: logNormal(latencyMs, 0.35, draw), ...speed };
  }

  /** Whether an answer that ends now broke off: streams do not outlive a crash, but they do outlive an outage of another kind. */
  isCut(beganAtMs: number, nowMs: number): boolean {
    return this.#simulated.outages.some(
      ({ fromMs, kind }) => kind === 'reset' && fromMs > beganAtMs && fromMs <= nowMs,
    );
  }
}

/** A sorted list's value below which that share lies. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #health = new HealthBook();
  readonly #agenda = new Agenda<Step>();
  readonly #states: ReadonlyMap<string, EndpointState>;
  readonly #draw: () => number;
  readonly #firstTokens: Float64Array;
  readonly #answers = new Map<string, number>();
  #tally = { answered: 0, inTime: 0, refused: 0, cut: 0, attempts: 0, attemptsIntoOutages: 0, rescued: 0, begun: 0 };
  #cost = 0n;
  #refreshedAtMs = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#draw = randomOf(options.seed ^ 0x0bad_cafe);
    this.#states = new Map([...options.market.endpoints].map(([id, endpoint]) => [id, new EndpointState(endpoint)]));
    this.#firstTokens = new Float64Array(options.count);
  }

  run(): PolicyResult {
    const { market, policy: name, seed } = this.#options;
    const policy = policyOf(name, market, { health: this.#health, seed });
    for (const request of trafficOf(market.models, this.#options)) {
      this.#until(request.arrivesAtMs);
      const order = policy(request, request.arrivesAtMs);
      this.#attempt({ request, order, attempt: 0 }, request.arrivesAtMs);
    }
    this.#until(Number.POSITIVE_INFINITY);
    return this.#result();
  }

  /** Lets everything happen that is due before a moment. */
  #until(nowMs: number): void {
    while (this.#agenda.nextAtMs <= nowMs) {
      const step = this.#agenda.take();
      if (step === undefined) return;
      this.#refresh(step.atMs);
      this.#happen(step);
    }
    if (Number.isFinite(nowMs)) this.#refresh(nowMs);
  }

  #refresh(nowMs: number): void {
    if (nowMs - this.#refreshedAtMs < (this.#options.refreshMs ?? REFRESH_MS)) return;
    this.#refreshedAtMs = nowMs;
    // A turn asks nobody how he is.
    if (this.#options.policy === 'round-robin') return;
    this.#health.refresh(nowMs);
    for (const [id, state] of this.#states) if (nowMs - state.calledAtMs >= QUIET_MS) this.#probe(id, state, nowMs);
  }

  #probe(id: string, state: EndpointState, atMs: number): void {
    const endpoint = this.#options.market.endpoints.get(id)?.endpoint;
    if (endpoint === undefined) return;
    const fate = state.call(atMs, state.outageAt(atMs), this.#draw);
    const run = { request: null, order: [endpoint], attempt: 0 };
    this.#agenda.add({ atMs: atMs + fate.afterMs, run, endpoint, fate, beganAtMs: null });
  }

  #attempt(run: Run, nowMs: number): void {
    const endpoint = run.order[run.attempt];
    const state = endpoint === undefined ? undefined : this.#states.get(endpoint.id);
    if (endpoint === undefined || state === undefined) {
      this.#tally.refused += 1;
      return;
    }
    const outage = state.outageAt(nowMs);
    this.#tally.attempts += 1;
    if (outage !== null) this.#tally.attemptsIntoOutages += 1;
    const fate = state.call(nowMs, outage, randomOf(this.#options.seed + 8 * (run.request?.index ?? 0) + run.attempt));
    this.#agenda.add({ atMs: nowMs + fate.afterMs, run, endpoint, fate, beganAtMs: null });
  }

  #happen(step: Step): void {
    const { atMs, run, endpoint, fate } = step;
    if (fate.kind !== 'answered') {
      // A limit is our own doing: it says nothing of the endpoint's health.
      if (fate.kind === 'failed') this.#health.record(endpoint.id, { end: 'failed' }, atMs);
      if (run.request === null) return;
      run.attempt += 1;
      this.#attempt(run, atMs);
      return;
    }
    if (step.beganAtMs !== null) {
      this.#end(step, fate.tokensPerSecond);
      return;
    }
    this.#health.record(endpoint.id, { isAnswered: true, latencyMs: fate.afterMs }, atMs);
    const { request } = run;
    if (request !== null) {
      this.#firstTokens[this.#tally.begun] = atMs - request.arrivesAtMs;
      this.#tally.begun += 1;
    }
    const writingMs = ((request?.outputTokens ?? 1) / fate.tokensPerSecond) * 1_000;
    this.#agenda.add({ ...step, atMs: atMs + writingMs, beganAtMs: atMs });
  }

  #end({ atMs, run, endpoint, beganAtMs }: Step, tokensPerSecond: number): void {
    const isCut = run.request?.isCut === true || this.#states.get(endpoint.id)?.isCut(beganAtMs ?? atMs, atMs);
    if (isCut === true) {
      this.#health.record(endpoint.id, { end: 'failed' }, atMs);
      if (run.request !== null) this.#tally.cut += 1;
      return;
    }
    this.#health.record(endpoint.id, { end: 'ok', tokensPerSecond }, atMs);
    if (run.request === null) return;
    const { inputTokens: input, outputTokens: output } = run.request;
    this.#cost += computeCharge({ sheet: endpoint.prices, usage: { input, output }, markupBps: 0 }).charge;
    this.#tally.answered += 1;
    if ((beganAtMs ?? atMs) - run.request.arrivesAtMs < PATIENCE_MS) this.#tally.inTime += 1;
    if (run.attempt > 0) this.#tally.rescued += 1;
    this.#answers.set(endpoint.id, (this.#answers.get(endpoint.id) ?? 0) + 1);
  }

  #result(): PolicyResult {
    const { policy, count: requests } = this.#options;
    const { begun, ...tally } = this.#tally;
    const sorted = this.#firstTokens.subarray(0, begun).toSorted();
    return {
      policy,
      requests,
      ...tally,
      firstTokenMs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) },
      usdPerThousand: Number(this.#cost) / 1e9 / (tally.answered / 1_000),
      answersByEndpoint: this.#answers,
    };
  }
}

/** Runs the traffic through a market under one policy, on a virtual clock: attempts, failures and answers happen in the order of time. */
export function simulate(options: SimulationOptions): PolicyResult {
  return new Simulation(options).run();
}
