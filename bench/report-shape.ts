import type { IdleMemory } from './idle-streams.ts';
import type { Latency, ScenarioResult } from './measure.ts';

/** Everything that a run of the benchmark found. Times in microseconds or milliseconds as named, memory in bytes. */
export interface Report {
  readonly isQuick: boolean;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly startedAt: string;
  readonly seconds: number;
  readonly scenarios: readonly ScenarioResult[];
  readonly latencyNotStreamed: readonly Latency[];
  readonly latencyStreamed: readonly Latency[];
  readonly idle: readonly IdleMemory[];
  readonly requests: number;
}
