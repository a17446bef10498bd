/**
 * @bourse/ids — floor 0. Owns every identifier's form and the text of API keys (prefix, entropy, checksum).
 * Refuses: hashing (the caller's runtime does that), lookups, meaning.
 */
export { type ApiKeyKind, apiKeyLabel, generateApiKey, parseApiKey } from './api-key.ts';
export { randomBase62 } from './base62.ts';
export { generateId, generationId, type IdPrefix, isGenerationId } from './id.ts';
