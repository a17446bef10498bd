import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from '../mutant-list.ts';
import { onGround } from '../world/ground.ts';
import { Random } from '../world/random.ts';
import type { Ground } from '../world/world.ts';
import { inArena } from './arena.ts';
import { type Scenario, scenarios, shortScenarios } from './scenarios.ts';

// `pnpm chaos:upstream [name ...] [--short] [--mutants] [--seed S]`: a real gateway and a real PostgreSQL between customers and two providers, one
// of which is made to fail. `--mutants`: each mutant that names one of these scenarios must turn it red. Exits 1 on any difference.

const { values, positionals } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
  allowPositionals: true,
});
const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
if (!Number.isSafeInteger(seed)) {
  console.error('--seed is a whole number.');
  process.exit(2);
}
const SHOWN = 6;
let worlds = 0;

async function find(scenario: Scenario, mutant: Mutant | null, ground: Ground): Promise<readonly string[]> {
  worlds += 1;
  const name = `${scenario.name}-${worlds}`;
  const options = { name, random: new Random(seed), ...(mutant === null ? {} : { mutant }) };
  return inArena(ground, options, (arena) => scenario.run(arena, (text) => console.log(`  ${text}`)));
}

function say(isGood: boolean, name: string, detail: string): void {
  console.log(`${isGood ? '✓' : '✗'} ${name.padEnd(44)} ${detail}`);
}

async function judge(scenario: Scenario, ground: Ground): Promise<boolean> {
  const differences = await find(scenario, null, ground);
  say(differences.length === 0, scenario.name, scenario.promise);
  for (const difference of differences.slice(0, SHOWN)) console.error(`    ${difference.slice(0, 400)}`);
  return differences.length === 0;
}

async function judgeMutant(mutant: Mutant, scenario: Scenario, ground: Ground): Promise<boolean> {
  const differences = await find(scenario, mutant, ground);
  const isRed = differences.length > 0;
  say(isRed, `${scenario.name} / ${mutant.name}`, isRed ? (differences[0] ?? '').slice(0, 150) : 'stayed green');
  return isRed;
}

const isWanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const startedAt = performance.now();
console.log(`Seed ${seed}.`);
const failed = await onGround(
  async (ground) => {
    let failures = 0;
    for (const scenario of values.short ? shortScenarios : scenarios) {
      const own = values.mutants ? mutants.filter(({ check }) => check === `upstream:${scenario.name}`) : [];
      if (!isWanted(scenario.name) || (values.mutants && own.length === 0)) continue;
      if (!(await judge(scenario, ground))) failures += 1;
      for (const mutant of own) if (!(await judgeMutant(mutant, scenario, ground))) failures += 1;
    }
    return failures;
  },
  (failures) => failures > 0,
);
console.log(
  `\n${failed === 0 ? 'All as promised.' : `${failed} are not as they must be.`} ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
);
process.exit(failed === 0 ? 0 : 1);
