import type { Tone } from '@bourse/ui';
import type { GenerationEnd, StoredGeneration } from '../../data/activity.ts';

/** How a generation ended, in words. */
export const endWords: Readonly<Record<GenerationEnd, { label: string; tone: Tone }>> = {
  finished: { label: 'Finished', tone: 'accent' },
  upstream_error: { label: 'Provider failed', tone: 'danger' },
  client_cancelled: { label: 'Cancelled', tone: 'neutral' },
  timeout: { label: 'Timed out', tone: 'danger' },
  rejected: { label: 'Rejected', tone: 'warning' },
};

/** Why a finished generation stopped; other ends speak for themselves. */
export const finishWords: Readonly<Record<NonNullable<StoredGeneration['finishReason']>, string>> = {
  stop: 'Stop',
  length: 'Length',
  tool_calls: 'Tool calls',
  content_filter: 'Filtered',
  error: 'Error',
};

/** The end of a generation in one or two words: the finish reason if it finished. */
export function endLabel({ end, finishReason }: Pick<StoredGeneration, 'end' | 'finishReason'>): string {
  return end === 'finished' && finishReason !== null ? finishWords[finishReason] : endWords[end].label;
}
