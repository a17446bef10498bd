import { stopSignal } from './run/stop-signal.ts';
import { stages } from './verify/stages.ts';

// `pnpm verify`, and `npm test` after the bootstrap: every check and every test, however many fail on the way.
// `pnpm verify unit check` runs only the named stages. The last line is "N passed, N failed".

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length) {
  console.error(`No such stage: ${unknown.join(', ')}. There are: ${stages.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const signal = stopSignal();
const rows: string[] = [];
let passed = 0;
let failed = 0;
for (const { name, run } of stages) {
  if (signal.aborted || (wanted.length && !wanted.includes(name))) continue;
  console.log(`\n── ${name} ${'─'.repeat(72 - name.length)}`);
  const startedAt = performance.now();
  const count = await run(signal);
  passed += count.passed;
  failed += count.failed;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  rows.push(
    `${count.failed ? '✗' : '✓'} ${name.padEnd(12)} ${String(count.passed).padStart(5)} passed ${String(count.failed).padStart(4)} failed ${seconds.padStart(8)} s`,
  );
}

console.log(`\n${rows.join('\n')}`);
if (signal.aborted) console.log('Stopped before the end.');
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed || signal.aborted ? 1 : 0);
