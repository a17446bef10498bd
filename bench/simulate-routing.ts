import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rootDir } from '../scripts/run/root-dir.ts';
import { createMarket } from './routing/market.ts';
import { policyNames } from './routing/policies.ts';
import { formatSimulation } from './routing/report.ts';
import { simulate } from './routing/simulate.ts';

// `pnpm simulate:routing [--requests N] [--hours H] [--seed S] [--write]`: the real router and the real health model over a made-up market, on a virtual
// clock, under four policies. With --write the result goes into docs/ROUTING.md.

const HOUR_MS = 3_600_000;
const BEGIN = '<!-- pnpm simulate:routing --write: what follows is written by it -->';
const END = '<!-- end of what it writes -->';
const DOCUMENT = join(rootDir, 'docs', 'ROUTING.md');

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    hours: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});

function numberOf(name: 'requests' | 'hours' | 'seed'): number {
  const value = Number(options[name]);
  if (!(Number.isFinite(value) && value > 0)) throw new Error(`--${name} must be a positive number`);
  return value;
}

function writeInto(text: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has lost its markers`);
  writeFileSync(DOCUMENT, `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${document.slice(end)}`);
}

const [count, seed, durationMs] = [Math.floor(numberOf('requests')), numberOf('seed'), numberOf('hours') * HOUR_MS];
const market = createMarket({ seed, durationMs });
const results = policyNames.map((policy) => {
  const startedAtMs = performance.now();
  const result = simulate({ market, policy, seed, count, durationMs });
  process.stderr.write(`${policy}: ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s\n`);
  return result;
});
const text = formatSimulation(results, { market, seed, durationMs });
process.stdout.write(`${text}\n`);
if (options.write) writeInto(text);
