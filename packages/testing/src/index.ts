/**
 * @bourse/testing — floor 2. Test databases cloned from a template of a real PostgreSQL, and builders of tenants and records,
 * ways to cut a database off and to stop its clock, plain SQL, a real Redis that may be broken, and limits that are in nobody's way.
 * Never imported by product code.
 */
export { type BreakablePostgres, startBreakablePostgres } from './breakable-postgres.ts';
export { type BreakableRedis, startRedis } from './breakable-redis.ts';
export { createOrganization, generationRecord, type TestOrganization } from './builders.ts';
export { stopDatabaseClock } from './database-clock.ts';
export { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts';
export { freePort } from './free-port.ts';
export { type SandboxProcess, startSandbox } from './sandbox-process.ts';
export { openSqlClient, type SqlClient } from './sql-client.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { wideLimits } from './wide-limits.ts';
