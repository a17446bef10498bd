import type { OutputCaps } from '@bourse/billing';
import type { Prompt } from '@bourse/generation';
import type { ServedFormat } from '@bourse/wire';
import type { InlineMedia } from '../media/inline-media.ts';
import type { Lifeline } from './lifeline.ts';
import type { RoutedPlan } from './plan.ts';

/** What every attempt of a generation shares. */
export interface AttemptInput {
  readonly generationId: string;
  /** The client's dialect. */
  readonly served: ServedFormat;
  readonly prompt: Prompt;
  /** What providers are told in place of an end user's name. */
  readonly disguise: (name: string) => string;
  readonly route: RoutedPlan;
  /** How long each candidate's answer may be; one that is not in it is not called. Null: as asked. */
  readonly caps: OutputCaps | null;
  readonly life: Lifeline;
  /** What the prompt names by URL, for providers that want the bytes. */
  readonly media: InlineMedia;
}
