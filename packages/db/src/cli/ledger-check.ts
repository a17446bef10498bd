import type { CheckResult } from '../contract/operations.ts';
import { ledgerCheck } from '../operations/ledger-check.ts';
import { databaseUrl } from './database-url.ts';

// `pnpm ledger:check`: recomputes every balance, count and charge of the books and prints a line per promise; exits 1 when anything differs.
// What a line's R number means is in docs/OPERATIONS.md. R6 needs the card processor: the worker looks at it.

function wordOf({ isConfigured, differences }: CheckResult): string {
  if (!isConfigured) return 'none ';
  return differences === 0 ? 'ok   ' : 'WRONG';
}

function print(result: CheckResult): void {
  const { rule, name, differences, examples, isConfigured } = result;
  const remark = differences > 0 ? `: ${differences}` : '';
  console.log(
    `${wordOf(result)} ${rule.padEnd(3)} ${name}${isConfigured ? remark : ': not configured, nothing to compare with'}`,
  );
  for (const example of examples) console.log(`          ${example}`);
}

try {
  const startedAt = performance.now();
  const results = await ledgerCheck({ url: await databaseUrl(), form: 'full' });
  for (const result of results) print(result);
  console.log('none  R6  purchases equal the card payments: not looked at here, the worker does');
  const looked = results.filter(({ isConfigured }) => isConfigured);
  const wrong = looked.filter(({ differences }) => differences > 0).length;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    wrong === 0
      ? `The books are right (${looked.length} checks, ${seconds} s).`
      : `${wrong} of ${looked.length} checks failed.`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
