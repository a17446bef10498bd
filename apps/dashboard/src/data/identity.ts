import 'server-only';

/** What sign-in keeps in the books (src/auth/adapter.ts); named here because only this folder knows the database. */
export type { IdentityStore, UserRecord } from '@bourse/db';
