import { listChecks } from './check/all-checks.ts';
import { runChecks } from './check/check.ts';

// `pnpm check [word]`: everything that can be said without running the product, or those checks whose name holds the word.
// One line per check, exit 1 when one fails.

const { passed, failed } = await runChecks(listChecks().filter(({ name }) => name.includes(process.argv[2] ?? '')));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
