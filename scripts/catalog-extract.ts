import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isSourcedOffer, refreshOffers } from './catalog/refresh-offers.ts';

// `pnpm catalog:extract [--accept]`: takes every price in packages/catalog/data from the package that the files name as
// their source. Everything else in the files is curated by hand. A new endpoint is an entry with `"prices": {}`.
// A price that moves by more than half stops the run until a person has looked at it and passes --accept.

const folder = fileURLToPath(new URL('../packages/catalog/data/', import.meta.url));
const isAccepted = process.argv.includes('--accept');
const problems: string[] = [];
const refreshed = new Map<string, string>();

for (const name of readdirSync(folder).sort()) {
  const offer: unknown = JSON.parse(readFileSync(folder + name, 'utf8'));
  if (!isSourcedOffer(offer)) continue;
  const result = refreshOffers(offer, { isAccepted });
  problems.push(...result.problems.map((problem) => `${name}: ${problem}`));
  refreshed.set(folder + name, `${JSON.stringify(result.offer, null, 2)}\n`);
  console.log(`${name}: ${result.offer.endpoints.length} endpoints, ${result.changedCount} changed`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else for (const [path, text] of refreshed) writeFileSync(path, text);
