import { listChecks } from './check/all-checks.ts';
import { runChecks } from './check/check.ts';

// `pnpm check`: everything that can be said without running the product. One line per check, exit 1 when one fails.

const { passed, failed } = await runChecks(listChecks());
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
