import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type CampaignReport, runCampaign } from './campaign.ts';
import { onGround } from './world/ground.ts';
import { Random } from './world/random.ts';

// `pnpm chaos [--kills N] [--pg-kill] [--seed S]`: real gateways, a worker and PostgreSQL under load, killed again and again; then the books
// must say exactly what clients were told. Exits 1 on any difference.

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    'pg-kill': { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
});
const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
const kills = Number(values.kills);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(kills) || kills < 1) {
  console.error('--kills and --seed are whole numbers.');
  process.exit(2);
}
const isPostgresKilled = values['pg-kill'];
/** Of each kind. */
const DIFFERENCES_SHOWN = 8;

function table(rows: readonly (readonly [string, number])[]): string {
  return rows.map(([name, count]) => `  ${name.padEnd(34)}${String(count).padStart(8)}`).join('\n');
}

function print(report: CampaignReport, seconds: number): void {
  const byPoint = [...report.killsByPoint].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  console.log(`\nKills by point\n${table(byPoint)}`);
  console.log(
    `\n${table([
      ['kills', report.kills],
      ['PostgreSQL started again', report.postgresRestarts],
      ['starts that failed by themselves', report.failedStarts],
      ['answers delivered whole', report.delivered],
      ['answers replayed', report.duplicatesAnswered],
      ['generations charged', report.charged],
      ['charged late', report.late],
      ['of these, not covered in full', report.clamped],
      ['lost', report.lost],
      ['doubled', report.doubled],
      ['differences in all', report.differences.length],
    ])}`,
  );
  console.log(
    `\n  ${seconds.toFixed(0)} s. Refused: ${[...report.refusals].map(([status, count]) => `${status}: ${count}`).join(', ') || 'none'}.`,
  );
  const byPromise = Map.groupBy(report.differences, (difference) => difference.slice(0, difference.indexOf(':')));
  for (const [promise, differences] of byPromise) {
    console.error(`\n  ✗ ${promise}: ${differences.length}`);
    for (const difference of differences.slice(0, DIFFERENCES_SHOWN)) console.error(`    ${difference.slice(0, 600)}`);
  }
}

const startedAt = performance.now();
console.log(`Seed ${seed}. Again: pnpm chaos --kills ${kills}${isPostgresKilled ? ' --pg-kill' : ''} --seed ${seed}`);
let shown = 0;
const report = await onGround(
  (ground) =>
    runCampaign(ground, {
      kills,
      isPostgresKilled,
      seed,
      random: new Random(seed),
      onProgress: (count) => {
        if (count < shown + 25) return;
        shown = count;
        console.log(`  ${count} kills, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
      },
    }),
  (result) => result.differences.length > 0,
);
print(report, (performance.now() - startedAt) / 1000);
const isGood = report.differences.length === 0 && report.delivered > 0 && report.charged > 0;
console.log(isGood ? 'Every whole answer is charged once, at the price that it told.' : `Not good. Seed ${seed}.`);
process.exit(isGood ? 0 : 1);
