import { runJourneys } from './e2e/run-journeys.ts';
import { stopSignal } from './run/stop-signal.ts';
import { describeError } from './start/refusal.ts';

// `pnpm e2e [playwright arguments]`: the browser journeys against a market of their own.

try {
  process.exitCode = await runJourneys({ args: process.argv.slice(2), signal: stopSignal() });
} catch (error) {
  console.error(`\n${describeError(error)}`);
  process.exitCode = 1;
}
