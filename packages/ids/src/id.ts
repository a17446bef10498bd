import { randomBase62 } from './base62.ts';

/** The kinds of thing that carry a prefixed id. */
export type IdPrefix = 'usr' | 'org' | 'mem' | 'key' | 'top' | 'app' | 'ses' | 'req' | 'evt' | 'clm' | 'lse';

/** `prefix_` + 22 base62 characters (131 bits): unguessable, unique without coordination. */
export function generateId(prefix: IdPrefix): string {
  return `${prefix}_${randomBase62(22)}`;
}

/** `gen-<unix seconds>-<20 base62>`, OpenRouter's form: sorts by time and tells support when it happened. */
export function generationId(nowMs: number): string {
  return `gen-${Math.floor(nowMs / 1000)}-${randomBase62(20)}`;
}

/** True when the text has the form of a generation id; says nothing of existence. */
export function isGenerationId(text: string): boolean {
  return /^gen-\d{9,11}-[0-9A-Za-z]{20}$/.test(text);
}
