import { migrate } from '../migrate.ts';

/** `pnpm db:migrate`: applies what is missing to DATABASE_URL. Safe to run from several machines at once. */
const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') {
  console.error('DATABASE_URL is not set.');
  process.exitCode = 1;
} else {
  try {
    await migrate({ url });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
