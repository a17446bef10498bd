/**
 * @bourse/db — floor 2. Owns every query: Prisma for plain records, SQL functions for money, LISTEN/NOTIFY, migrations.
 * Refuses: business decisions (they come in as values), HTTP, the environment. Amounts are bigint nanodollars in and out.
 */
export type * from './contract.ts';
export { creditsAccountId, houseAccounts } from './ledger/accounts.ts';
export { readCharge, writeCharge } from './ledger/written-charge.ts';
export { type MigrateOptions, migrate } from './migrate.ts';
export { openDatabase } from './open-database.ts';
export { type LedgerCheckOptions, ledgerCheck } from './operations/ledger-check.ts';
