import { join } from 'node:path';
import { rootDir } from './run/root-dir.ts';
import { banner } from './start/banner.ts';
import { isProduction, readVariables } from './start/environment.ts';
import { startMarket } from './start/market.ts';
import { readPorts } from './start/ports.ts';
import { createProgress } from './start/progress.ts';
import { describeError } from './start/refusal.ts';

// `npm start` after the bootstrap: runs the whole marketplace until Ctrl-C.

const stopping = new AbortController();
const hurrying = new AbortController();
let isLost = false;

/** The first request to stop lets the apps finish what they do; a second one does not. */
function requestStop(): void {
  if (stopping.signal.aborted) hurrying.abort();
  else stopping.abort(new Error('Stopped before everything was up.'));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, requestStop);
// The bootstrap holds the other end: when it is gone without a word, nobody is left to stop us.
process.on('disconnect', requestStop);
process.channel?.unref();

async function run(): Promise<void> {
  const progress = createProgress(process.stdout, () => performance.now());
  const variables = readVariables(rootDir, process.env);
  const startedAt = performance.now();
  const market = await startMarket({
    variables,
    progress,
    stateDir: join(rootDir, '.bourse'),
    ports: readPorts(variables),
    demo: variables['BOURSE_DEMO'] !== '0',
    signal: stopping.signal,
    hurry: hurrying.signal,
    onLost: (reason) => {
      isLost = true;
      console.error(`\n${reason}`);
      requestStop();
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(banner({ devInfo: market.devInfo, seconds, isProduction: isProduction(variables) }));
  await aborted(stopping.signal);
  console.log('\nStopping ... (Ctrl-C again to stop at once)');
  await market.stop();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

try {
  await run();
  process.exit(isLost ? 1 : 0);
} catch (error) {
  if (!stopping.signal.aborted) console.error(`\n${describeError(error)}`);
  process.exit(stopping.signal.aborted && !isLost ? 130 : 1);
}
