import { loadCatalogData } from '@bourse/catalog/data';
import { countCatalog, endpointsByProvider } from './catalog/count-catalog.ts';

// `pnpm catalog:count`: how much is on sale in the maintained data, the sandbox market apart. docs/CATALOG.md quotes the last line.

const data = loadCatalogData();
for (const [slug, endpoints] of endpointsByProvider(data)) console.log(`  ${slug}: ${endpoints} endpoints`);
console.log(countCatalog(data));
