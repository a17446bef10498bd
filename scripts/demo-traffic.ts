import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatUsd } from '@bourse/money';
import { sendLiveTraffic } from './demo/live-traffic.ts';
import { makeHistory } from './demo/make-history.ts';
import { rootDir } from './run/root-dir.ts';
import { stopSignal } from './run/stop-signal.ts';
import { isProduction, readVariables } from './start/environment.ts';
import { describeError, Refusal } from './start/refusal.ts';
import { readStateFile } from './start/state-file.ts';

// `pnpm demo:traffic`: sends plausible traffic through the running gateway for a while.
//   --rps 2 --seconds 30   how much of it; --once is 12 requests
//   --history [--days 35]  instead, back-dates the history of a living market through the same ledger, once per database
// Everything it makes is marked as demo data. It refuses to run in production.

const { values: flags } = parseArgs({
  options: {
    history: { type: 'boolean', default: false },
    days: { type: 'string', default: '35' },
    count: { type: 'string', default: '12000' },
    rps: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '30' },
    once: { type: 'boolean', default: false },
  },
});

const variables = readVariables(rootDir, process.env);
const devInfo = readStateFile(join(variables['BOURSE_STATE_DIR'] ?? join(rootDir, '.bourse'), 'dev.json'));

/** The environment first, then what `npm start` wrote. */
function setting(variable: string, name: string): string {
  const written = devInfo[name];
  const value = variables[variable] ?? (typeof written === 'string' ? written : '');
  if (value === '') throw new Refusal(`Nothing runs to send traffic to: run \`npm start\` first, or set ${variable}.`);
  return value;
}

/** A number within bounds, or a sentence. */
function numberFlag(name: 'days' | 'count' | 'rps' | 'seconds', bounds: readonly [number, number]): number {
  const value = Number(flags[name]);
  const [least, most] = bounds;
  if (!(value >= least && value <= most)) throw new Refusal(`--${name} is ${least} to ${most}, not "${flags[name]}".`);
  return value;
}

async function runHistory(signal: AbortSignal): Promise<void> {
  const markup = variables['BOURSE_MARKUP_BPS'];
  await makeHistory({
    databaseUrl: setting('DATABASE_URL', 'databaseUrl'),
    days: Math.floor(numberFlag('days', [1, 365])),
    count: Math.floor(numberFlag('count', [1, 100_000])),
    markupBpsDefault: markup === undefined ? 500 : Number(markup),
    now: Date.now,
    print: (line) => console.log(line),
    signal,
  });
}

async function runLive(signal: AbortSignal): Promise<void> {
  const requestsPerSecond = numberFlag('rps', [0.1, 50]);
  const count = flags.once ? 12 : Math.ceil(requestsPerSecond * numberFlag('seconds', [1, 3_600]));
  const result = await sendLiveTraffic({
    gatewayUrl: setting('BOURSE_DEMO_GATEWAY_URL', 'gatewayUrl'),
    apiKey: setting('BOURSE_DEMO_API_KEY', 'apiKey'),
    requestsPerSecond: flags.once ? 20 : requestsPerSecond,
    count,
    seed: String(Date.now()),
    signal,
  });
  console.log(
    `${result.answered} answers with ${result.tokens.toLocaleString('en-US')} tokens for $${formatUsd(result.cost)}; ${result.failedAsPlanned} failures as planned.`,
  );
  if (result.unexpected.length > 0) throw new Refusal(`Not planned:\n  ${result.unexpected.join('\n  ')}`);
}

try {
  if (isProduction(variables)) throw new Refusal('Demo traffic has no place in production (NODE_ENV=production).');
  const signal = stopSignal();
  await (flags.history ? runHistory(signal) : runLive(signal));
  process.exit(0);
} catch (error) {
  console.error(describeError(error));
  process.exit(1);
}
