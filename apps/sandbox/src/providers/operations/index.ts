import { embeddings } from './embeddings.ts';
import type { Operation } from './operation.ts';

/** Every API of the simulated providers that is no conversation. */
export const operations: readonly Operation[] = [embeddings];
