import { parseArgs } from 'node:util';
import { type Check, Stage } from './checks/check.ts';
import { crashChecks } from './checks/crash-checks.ts';
import { creditChecks } from './checks/credit-checks.ts';
import { deliveryChecks } from './checks/delivery-checks.ts';
import { spoolChecks } from './checks/spool-checks.ts';
import { type Mutant, mutants } from './mutant-list.ts';
import { onGround } from './world/ground.ts';
import { type Ground, World } from './world/world.ts';

// `pnpm chaos:mutants [name ...] [--checks]`: every check is green on the product and red on each of its mutants; one that stays green
// fails the command. Names choose checks or mutants; `--checks` runs the checks on the product alone.

const { values, positionals } = parseArgs({
  options: { checks: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const checks: readonly Check[] = [...crashChecks, ...creditChecks, ...spoolChecks, ...deliveryChecks];

/** What a check found. A check that could not be run to its end proves nothing: it is neither green nor red. */
type Finding =
  | { readonly kind: 'ran'; readonly differences: readonly string[] }
  | { readonly kind: 'stuck'; readonly reason: string };

let number = 0;

async function find(check: Check, mutant: Mutant | undefined, ground: Ground): Promise<Finding> {
  number += 1;
  const world = await World.open(ground, { name: `${check.name}-${number}`, ...(mutant ? { mutant } : {}) });
  try {
    return { kind: 'ran', differences: await check.run(new Stage(world)) };
  } catch (error) {
    return { kind: 'stuck', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await world.close();
  }
}

function say(isGood: boolean, name: string, detail: string): void {
  console.log(`${isGood ? '✓' : '✗'} ${name.padEnd(48)} ${detail}`);
}

async function judgeCheck(check: Check, ground: Ground): Promise<boolean> {
  const finding = await find(check, undefined, ground);
  const isGreen = finding.kind === 'ran' && finding.differences.length === 0;
  say(isGreen, check.name, isGreen ? check.promise : 'the product itself breaks it:');
  if (!isGreen) console.error(finding.kind === 'ran' ? finding.differences.slice(0, 8).join('\n') : finding.reason);
  return isGreen;
}

async function judgeMutant(mutant: Mutant, check: Check, ground: Ground): Promise<boolean> {
  const finding = await find(check, mutant, ground);
  const isRed = finding.kind === 'ran' && finding.differences.length > 0;
  const detail = isRed ? (finding.differences[0] ?? '') : 'stayed green';
  say(
    isRed,
    `${check.name} / ${mutant.name}`,
    finding.kind === 'stuck' ? `did not come to an end: ${finding.reason}` : detail.slice(0, 150),
  );
  return isRed;
}

// Those of `pnpm chaos:upstream` have scenarios for checks.
const unknown = mutants.filter(
  ({ check }) => !check.startsWith('upstream:') && !checks.some(({ name }) => name === check),
);
if (unknown.length > 0) throw new Error(`no such check: ${unknown.map(({ check }) => check).join(', ')}`);
const isWanted = (...names: string[]): boolean =>
  positionals.length === 0 || names.some((name) => positionals.includes(name));

const startedAt = performance.now();
const failed = await onGround(
  async (ground) => {
    let failures = 0;
    for (const check of checks) {
      const own = values.checks
        ? []
        : mutants.filter((mutant) => mutant.check === check.name && isWanted(mutant.name, check.name));
      if (own.length === 0 && !isWanted(check.name)) continue;
      if (!(await judgeCheck(check, ground))) failures += 1;
      for (const mutant of own) if (!(await judgeMutant(mutant, check, ground))) failures += 1;
    }
    return failures;
  },
  (failures) => failures > 0,
);
console.log(
  `\n${failed === 0 ? 'Every check is green, and red for each of its mutants.' : `${failed} are not as they must be.`} ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
);
process.exit(failed === 0 ? 0 : 1);
