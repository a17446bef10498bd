/**
 * @bourse/testing — floor 2. Test databases cloned from a template of a real PostgreSQL, and builders of tenants and records.
 * Never imported by product code.
 */
export { createOrganization, generationRecord, type TestOrganization } from './builders.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
