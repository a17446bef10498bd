import { availableParallelism, cpus } from 'node:os';
import { barsOf } from './bars.ts';
import type { IdleMemory } from './idle-streams.ts';
import type { Latency, ScenarioResult } from './measure.ts';
import type { Report } from './report-shape.ts';

/** The machine, for the head of a report. */
export function describeMachine(): Pick<Report, 'node' | 'cpu' | 'cores'> {
  return { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() };
}

type Row = readonly string[];

function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: Row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

const whole = (value: number | null) => (value === null ? '-' : Math.round(value).toLocaleString('en-US'));
const ratio = (value: number) => `${value.toFixed(2)}x`;
const milliseconds = (value: number) => value.toFixed(2);
const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(0);
const kibibytes = (bytes: number) => (bytes / 1024).toFixed(1);

function cpuTable(scenarios: readonly ScenarioResult[]): string {
  const rows = scenarios.flatMap(({ scenario, relay, bourse, ratio: times, ratioLeast, ratioAll }) => {
    const perRequest: Row = [
      scenario.name,
      whole(relay.cpuMicros),
      whole(bourse.cpuMicros),
      ratio(times),
      ratio(ratioLeast),
      whole(bourse.postgresCpuMicros),
      ratio(ratioAll),
      whole(relay.requestsPerSecond),
      whole(bourse.requestsPerSecond),
      mebibytes(relay.residentBytes),
      mebibytes(bourse.residentBytes),
    ];
    if (scenario.chunksPerRequest === 0) return [perRequest];
    const chunk = (micros: number) => (micros / scenario.chunksPerRequest).toFixed(1);
    return [
      perRequest,
      ['  per chunk', chunk(relay.cpuMicros), chunk(bourse.cpuMicros), '', '', '', '', '', '', '', ''],
    ];
  });
  return table(
    [
      'CPU us/request',
      'relay',
      'Bourse',
      'ratio',
      'least',
      'PostgreSQL',
      'with it',
      'relay/s',
      'Bourse/s',
      'relay MiB',
      'Bourse MiB',
    ],
    rows,
  );
}

function latencyTable(title: string, latencies: readonly Latency[]): string {
  const rows = latencies.map((each) => [
    each.target,
    milliseconds(each.p50Ms),
    milliseconds(each.p99Ms),
    milliseconds(each.addedP50Ms),
    milliseconds(each.addedP99Ms),
  ]);
  return table([title, 'p50', 'p99', 'added p50', 'added p99'], rows);
}

function idleTable(idle: readonly IdleMemory[]): string {
  const rows = idle.map((each) => [
    each.target,
    String(each.streams),
    kibibytes(each.liveBytesPerStream),
    kibibytes(each.residentBytesPerStream),
  ]);
  return table(['KiB per idle stream', 'streams', 'live', 'resident'], rows);
}

function barsTable(report: Report): string {
  const rows = barsOf(report).map(({ name, unit, bar, measured, isMet }) => [
    name,
    `${bar} ${unit}`,
    measured === null ? '-' : `${measured.toFixed(2)} ${unit}`,
    isMet === null ? 'not measured' : isMet ? 'met' : 'missed',
  ]);
  return table(['what it may cost beside the relay', 'bar', 'measured', ''], rows);
}

/** The report as people read it. */
export function formatReport(report: Report): string {
  const { cores, cpu, node, seconds, requests } = report;
  return [
    `Ratio: medians of the rounds, and the least disturbed rounds. Node ${node}, ${cores} cores (${cpu}); ${requests.toLocaleString('en-US')} requests in ${seconds.toFixed(0)} s.`,
    cpuTable(report.scenarios),
    latencyTable('ms, not streamed', report.latencyNotStreamed),
    ...(report.latencyStreamed.length > 0 ? [latencyTable('ms, 200 chunks', report.latencyStreamed)] : []),
    ...(report.idle.length > 0 ? [idleTable(report.idle)] : []),
    barsTable(report),
  ].join('\n\n');
}
