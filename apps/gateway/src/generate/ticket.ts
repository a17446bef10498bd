import type { GenerationEnd } from '@bourse/billing';
import type { AppError } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import type { Candidate } from '@bourse/routing';
import type { AttemptLog } from './attempt-failure.ts';
import type { Caller } from './authenticate.ts';
import type { Conversation } from './conversation.ts';
import type { Metered } from './meter.ts';
import type { InferenceRequest } from './request.ts';
import type { Hold } from './reserve.ts';

/** An admitted generation: money is held for it, and from here on it must be concluded exactly once. */
export interface Ticket {
  readonly request: InferenceRequest;
  readonly caller: Caller;
  readonly prompt: Prompt;
  readonly hold: Hold;
  /** What it goes on with; null where it does not matter who answers next. */
  readonly conversation: Conversation | null;
}

/** How it went. */
export interface Ending {
  readonly end: GenerationEnd;
  readonly candidate: Candidate;
  readonly attempts: readonly AttemptLog[];
  /** Null when no endpoint answered. */
  readonly metered: Metered | null;
  readonly error: AppError | null;
}
