import { embeddings } from './embeddings.ts';
import { images } from './images.ts';
import type { Operation } from './operation.ts';
import { rerank } from './rerank.ts';
import { speech } from './speech.ts';
import { transcriptions } from './transcriptions.ts';

/** Every API of the simulated providers that is no conversation. */
export const operations: readonly Operation[] = [embeddings, rerank, images, speech, transcriptions];
