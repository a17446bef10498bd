import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { openDatabase } from '../open-database.ts';
import { parseInvoice } from '../operations/parse-invoice.ts';
import { databaseUrl } from './database-url.ts';

// `pnpm market:invoice <file.csv>`: what providers say that they are owed, for R7 of the reconciliation. A line for the same provider, day and model
// replaces the older one, so a corrected file may be imported again.

async function main(path: string | undefined): Promise<number> {
  if (path === undefined) {
    console.error(
      'Usage: pnpm market:invoice <file.csv>, with the columns day,provider,model,cost_usd (model * = the whole day)',
    );
    return 2;
  }
  const lines = parseInvoice(await readFile(path, 'utf8'));
  const db = openDatabase({ url: await databaseUrl(), applicationName: 'bourse-market-invoice', poolMax: 1 });
  try {
    const result = await db.reconciliations.importInvoice({ source: basename(path), lines });
    if (result.kind === 'imported')
      console.log(`${lines.length} lines imported. pnpm ledger:check compares them (R7).`);
    else console.error(`There is no provider ${result.slugs.join(', ')}. Nothing was imported.`);
    return result.kind === 'imported' ? 0 : 1;
  } finally {
    await db.close();
  }
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
