/**
 * @bourse/testing — floor 2. Test databases cloned from a template of a real PostgreSQL, and builders of tenants and records,
 * and a way to cut a database off.
 * Never imported by product code.
 */
export { createOrganization, generationRecord, type TestOrganization } from './builders.ts';
export { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
