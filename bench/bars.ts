import type { Report } from './report-shape.ts';

/** A figure that we want to keep, and what was measured. `isMet` is null when this run did not measure it. */
export interface Bar {
  readonly name: string;
  readonly unit: string;
  readonly bar: number;
  readonly measured: number | null;
  readonly isMet: boolean | null;
}

const LIVE_BYTES_PER_KIB = 1024;

function ratioOf(report: Report, name: string, perChunk: boolean): number | null {
  const result = report.scenarios.find(({ scenario }) => scenario.name === name);
  if (result === undefined) return null;
  return perChunk ? result.ratio : result.ratioAll;
}

function latencyAbove(report: Report, read: 'p50Ms' | 'p99Ms'): number | null {
  const of = (target: string) => report.latencyNotStreamed.find((each) => each.target === target)?.[read];
  const [relay, gateway] = [of('relay'), of('gateway')];
  return relay === undefined || gateway === undefined ? null : gateway - relay;
}

function idleAbove(report: Report): number | null {
  const of = (target: string) => report.idle.find((each) => each.target === target)?.liveBytesPerStream;
  const [relay, gateway] = [of('relay'), of('gateway')];
  return relay === undefined || gateway === undefined ? null : (gateway - relay) / LIVE_BYTES_PER_KIB;
}

/** What a request may cost beside a bare relay: the gateway's CPU with PostgreSQL's, added latency, memory of an idle stream. */
export function barsOf(report: Report): readonly Bar[] {
  const bars: readonly Omit<Bar, 'isMet'>[] = [
    {
      name: 'CPU, not streamed, with PostgreSQL',
      unit: 'x',
      bar: 2,
      measured: ratioOf(report, 'not streamed, 16 at a time', false),
    },
    {
      name: 'CPU, 200 chunks at once, with PostgreSQL',
      unit: 'x',
      bar: 2.5,
      measured: ratioOf(report, '200 chunks at once, 16', false),
    },
    { name: 'CPU per paced chunk', unit: 'x', bar: 1.5, measured: ratioOf(report, '200 chunks paced, 16', true) },
    { name: 'latency above the relay, p50', unit: 'ms', bar: 0.5, measured: latencyAbove(report, 'p50Ms') },
    { name: 'latency above the relay, p99', unit: 'ms', bar: 3, measured: latencyAbove(report, 'p99Ms') },
    { name: "live memory of an idle stream above the relay's", unit: 'KiB', bar: 32, measured: idleAbove(report) },
  ];
  return bars.map((each) => ({ ...each, isMet: each.measured === null ? null : each.measured <= each.bar }));
}
