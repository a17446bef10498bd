import { pause } from '../world/until.ts';
import { type Arena, both, untilBreakers } from './arena.ts';
import { ask, type Seen } from './clients.ts';
import { type Fault, faults, well } from './providers.ts';

/** Something that happens to providers, and what customers must see meanwhile. */
export interface Scenario {
  readonly name: string;
  readonly promise: string;
  /** Answers what is wrong, a sentence each; empty = the promise holds. `say` prints what was measured. */
  readonly run: (arena: Arena, say: (text: string) => void) => Promise<readonly string[]>;
}

/** How long each part takes, in seconds. */
export interface Pace {
  readonly calm: number;
  readonly fault: number;
}

const RATE = 0.3;
const ANSWERED_SHARE_MIN = 0.999;
const SLOWER_MAX = 3;
const OFFERED_MAX = 1.1;
const OPENS_WITHIN_S = 5;
const RECOVERS_WITHIN_S = 10;

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function firstTokens(seen: readonly Seen[]): readonly number[] {
  return seen.flatMap(({ firstTokenMs }) => (firstTokenMs === null ? [] : [firstTokenMs]));
}

/** What no customer may ever see, whatever happens to providers. */
function dishonest(seen: readonly Seen[]): readonly string[] {
  const mixed = seen.filter(({ calls }) => calls.size > 1);
  const both = seen.filter(({ isWhole, error }) => isWhole && error !== null);
  const silent = seen.filter(({ isWhole, error }) => !isWhole && error === null);
  return [
    ...mixed.slice(0, 3).map(({ calls }) => `voices: one answer has the words of ${[...calls].join(' and ')}`),
    ...both
      .slice(0, 1)
      .map(({ error }) => `honesty: an answer ends as if it were whole, with the error ${error} in it`),
    ...(silent.length === 0 ? [] : [`typed: ${silent.length} answers ended without a typed error`]),
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** 30 % of the calls to the primary fail; the other provider is well. */
function withFallback(name: string, kinds: readonly Fault[], pace: Pace): Scenario {
  return {
    name,
    promise: `${percent(RATE)} of the primary's calls: ${kinds.join(', ')}; 99.9 % have a first token, the 99th percentile is less than three times that of calm`,
    async run(arena, say) {
      const calm = await arena.load(both, pace.calm);
      arena.providers.north.behaviour = { faults: kinds, rate: RATE };
      const before = arena.providers.north.calls;
      const seen = await arena.load(both, pace.fault);
      const [calmMs, faultMs] = [quantile(firstTokens(calm), 0.99), quantile(firstTokens(seen), 0.99)];
      const answered = firstTokens(seen).length / seen.length;
      const whole = seen.filter(({ isWhole }) => isWhole).length;
      say(
        `${seen.length} requests, ${arena.providers.north.calls - before} to the primary: first token ${percent(answered)}, whole ${whole}, ` +
          `p99 ${faultMs.toFixed(0)} ms (calm ${calmMs.toFixed(0)} ms, x${(faultMs / calmMs).toFixed(2)})`,
      );
      return [
        ...dishonest([...calm, ...seen]),
        ...(answered >= ANSWERED_SHARE_MIN ? [] : [`first token: only ${percent(answered)}`]),
        ...(faultMs < SLOWER_MAX * calmMs
          ? []
          : [`slow: p99 ${faultMs.toFixed(0)} ms against ${calmMs.toFixed(0)} ms`]),
        ...(calm.every(({ isWhole }) => isWhole) ? [] : ['calm: not every answer was whole although nothing failed']),
      ];
    },
  };
}

/** One endpoint and no other: what is asked of it when it fails. */
function alone(name: string, rate: number, pace: Pace): Scenario {
  return {
    name,
    promise: `an endpoint that fails ${percent(rate)} of its calls, and has no substitute, is offered at most 110 % of what customers ask for`,
    async run(arena, say) {
      const { north } = arena.providers;
      north.behaviour = { faults: ['500'], rate };
      const before = north.calls;
      const seen = await arena.load({ only: ['sandbox-north'] }, pace.fault);
      const offered = north.calls - before;
      say(
        `${seen.length} requests, ${offered} calls (${percent(offered / seen.length)}), ${seen.filter(({ isWhole }) => isWhole).length} whole`,
      );
      return [
        ...dishonest(seen),
        ...(offered <= OFFERED_MAX * seen.length ? [] : [`budget: ${offered} calls for ${seen.length} requests`]),
        ...(offered >= seen.length
          ? []
          : [`ejected: only ${offered} calls for ${seen.length} requests although nobody else could answer`]),
      ];
    },
  };
}

/** Dies and comes back, with the other provider well. */
function breaker(pace: Pace): Scenario {
  const inOrder = { ...both, order: both.only };
  return {
    name: 'breaker',
    promise:
      'opens within 5 s, lets one probe through at a time, closes within 10 s of recovery; the last endpoint is asked all the same',
    async run(arena, say) {
      const { north } = arena.providers;
      const calm = await arena.load(inOrder, pace.calm);
      north.behaviour = { faults: ['500'], rate: 1, delayMs: 300 };
      const dying = arena.load(inOrder, pace.fault);
      const openedS = await untilBreakers(arena, (open) => open > 0, { what: 'an open breaker', ms: 15_000 });
      // What was under way when it opened.
      await pause(1_000);
      const before = north.calls;
      north.runningMax = north.running;
      const seen = await dying;
      const probes = north.calls - before;
      const atOnce = north.runningMax;
      const pinned = await ask(arena.asking({ only: ['sandbox-north'] }));
      const isAskedWhenAlone = north.calls > before + probes;
      north.behaviour = well;
      const recovering = arena.load(inOrder, RECOVERS_WITHIN_S + 2);
      const closedS = await untilBreakers(arena, (open) => open === 0, { what: 'a closed breaker', ms: 30_000 });
      const all = [...calm, ...seen, ...(await recovering)];
      say(
        `opened after ${openedS.toFixed(1)} s, ${probes} probes, at most ${atOnce} at once, closed ${closedS.toFixed(1)} s after recovery`,
      );
      return [
        ...dishonest([...all, pinned]),
        ...(openedS <= OPENS_WITHIN_S ? [] : [`breaker: opened after ${openedS.toFixed(1)} s`]),
        ...(closedS <= RECOVERS_WITHIN_S ? [] : [`breaker: closed ${closedS.toFixed(1)} s after recovery`]),
        ...(atOnce <= 1 ? [] : [`half open: ${atOnce} calls at once where one probe may be`]),
        ...(isAskedWhenAlone ? [] : ['ejected: the only endpoint that was allowed was not asked']),
        ...(all.every(({ isWhole }) => isWhole)
          ? []
          : ['fallback: not every answer was whole although one provider was well']),
      ];
    },
  };
}

/** Streams that are cut: nobody else's words may follow. */
function cutAlone(pace: Pace): Scenario {
  return {
    name: 'one-voice',
    promise: 'a stream that breaks after its first token ends with a typed error, and with no words of another call',
    async run(arena, say) {
      arena.providers.north.behaviour = { faults: ['cut'], rate: RATE };
      const seen = await arena.load({ ...both, order: both.only }, pace.fault);
      const cut = seen.filter(({ isWhole }) => !isWhole).length;
      say(`${seen.length} requests, ${cut} cut`);
      return [...dishonest(seen), ...(cut > 0 ? [] : ['nothing was cut'])];
    },
  };
}

/** Each fault by itself, long enough to measure: a provider that hangs is met again each time that its outage is forgotten. */
export const scenarios: readonly Scenario[] = [
  ...faults.map((fault) => withFallback(fault, [fault], { calm: 10, fault: fault === 'hang' ? 85 : 20 })),
  alone('dead', 1, { calm: 0, fault: 20 }),
  alone('retries', 0.4, { calm: 0, fault: 20 }),
  breaker({ calm: 5, fault: 14 }),
  cutAlone({ calm: 0, fault: 10 }),
];

/** What fits into half a minute; a provider that hangs does not. */
export const shortScenarios: readonly Scenario[] = [
  withFallback(
    'mixed',
    faults.filter((fault) => fault !== 'hang'),
    { calm: 3, fault: 6 },
  ),
  alone('retries', 0.4, { calm: 0, fault: 5 }),
];
