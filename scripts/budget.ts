import { measureFile } from './budget/measure.ts';
import { listCallableProviders, listCatalogProviders } from './budget/provider-ids.ts';
import { formatCasts, formatReport } from './budget/report.ts';
import { findViolations } from './budget/rules.ts';
import { listSources } from './budget/sources.ts';
import { rootDir } from './run/root-dir.ts';

// `pnpm budget [--casts]`: prints what was measured, then every overrun; exits 1 when there is one.

const sources = listSources(rootDir);
const files = sources.map(measureFile);
const providerIds = listCallableProviders(sources).union(listCatalogProviders(rootDir));
const violations = findViolations(files, { providerIds });

console.log(formatReport(files));
if (process.argv.includes('--casts')) console.log(formatCasts(files));
for (const { path, line, message } of violations) console.error(`${path}:${line}  ${message}`);
process.exitCode = violations.length ? 1 : 0;
