import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseCatalogFiles } from '@bourse/catalog/data';
import { catalogFrom, installedSources } from './catalog/write-catalog.ts';

// `pnpm catalog:extract [--accept]`: makes packages/catalog/data from the packages that docs/CATALOG.md names: the prices of the curated files, and
// all of data/extracted. A new curated endpoint is an entry with `"prices": {}`. A curated price that moves by more than half stops the run
// until a person has looked at it and passes --accept. What is not believed is left out, and listed in data/extracted/held.json.

const folder = new URL('../packages/catalog/data/', import.meta.url);
const { texts, files, extracted, problems } = catalogFrom(installedSources(), {
  isAccepted: process.argv.includes('--accept'),
});
// Nothing is written that could not be read again.
const { models, endpoints } = parseCatalogFiles(files);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else {
  mkdirSync(new URL('extracted/', folder), { recursive: true });
  let changed = 0;
  for (const [name, text] of texts) {
    const url = new URL(name, folder);
    let before = '';
    try {
      before = readFileSync(url, 'utf8');
    } catch {
      // It is new.
    }
    if (before === text) continue;
    writeFileSync(url, text);
    changed += 1;
  }
  console.log(
    `${models.length} models, ${endpoints.length} endpoints, ${extracted.held.length} offers held back; ${changed} files changed`,
  );
}
