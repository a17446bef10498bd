import { ledgerCheck } from '../ledger/check.ts';
import { databaseUrl } from './database-url.ts';

// `pnpm ledger:check`: recomputes every balance and count of the books and prints a line per check; exits 1 when anything differs.
// The database is DATABASE_URL, else the one that `npm start` wrote to .bourse/dev.json.

try {
  const startedAt = performance.now();
  const results = await ledgerCheck({ url: await databaseUrl() });
  for (const { name, differences, examples } of results) {
    console.log(`${differences === 0 ? 'ok   ' : 'WRONG'} ${name}${differences === 0 ? '' : `: ${differences}`}`);
    for (const example of examples) console.log(`        ${example}`);
  }
  const wrong = results.filter(({ differences }) => differences > 0).length;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    wrong === 0
      ? `The books are right (${results.length} checks, ${seconds} s).`
      : `${wrong} of ${results.length} checks failed.`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
