import { fileURLToPath } from 'node:url';
import { measureFile } from './budget/measure.ts';
import { listProviderIds } from './budget/provider-ids.ts';
import { formatCasts, formatReport } from './budget/report.ts';
import { findViolations } from './budget/rules.ts';
import { listSources } from './budget/sources.ts';

// `pnpm budget [--casts]`: prints what was measured, then every overrun; exits 1 when there is one.

const sources = listSources(fileURLToPath(new URL('..', import.meta.url)));
const files = sources.map(measureFile);
const violations = findViolations(files, { providerIds: listProviderIds(sources) });

console.log(formatReport(files));
if (process.argv.includes('--casts')) console.log(formatCasts(files));
for (const { path, line, message } of violations) console.error(`${path}:${line}  ${message}`);
process.exitCode = violations.length ? 1 : 0;
