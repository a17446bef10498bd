import { createTestDatabase, openSqlClient, type SqlClient, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replaceOnce } from './hooks/source-edit.ts';
import { mutants } from './mutant-list.ts';

let database: TestDatabase;
let sql: SqlClient;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await openSqlClient(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test.each(mutants.flatMap(({ name, sql: edits }) => (edits === undefined ? [] : [{ name, edits }])))(
  'mutant $name is about the SQL functions as they are',
  async ({ edits }) => {
    for (const edit of edits) {
      const { rows } = await sql.query<{ text: string }>(
        'SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = $1',
        [edit.function],
      );
      expect(rows).toHaveLength(1);
      expect(() => replaceOnce(rows[0]?.text ?? '', edit, edit.function)).not.toThrow();
    }
  },
);
