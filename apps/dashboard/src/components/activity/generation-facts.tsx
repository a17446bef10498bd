import type { ReactNode } from 'react';
import type { StoredGeneration } from '../../data/activity.ts';
import { Moment } from '../format/ago.tsx';
import { Unknown } from '../format/price-per-million.tsx';
import { finishWords } from './end-words.ts';

type Fact = { label: string; value: ReactNode; isCode?: boolean };

/** Flags that are records for programs, and no words. */
const records = ['pipeline:', 'cache_source:'];

function wordsOf(flags: readonly string[]): string | null {
  return flags.filter((flag) => !records.some((record) => flag.startsWith(record))).join(', ') || null;
}

/** What else is known of a generation. Never what was said: that is stored nowhere. */
export function GenerationFacts({ generation, keyName }: { generation: StoredGeneration; keyName: string | null }) {
  const facts: readonly Fact[] = [
    { label: 'Requested model', value: generation.modelRequested, isCode: true },
    { label: 'Arrived', value: <Moment at={generation.createdAt} /> },
    { label: 'Key', value: keyName ?? 'Revoked key' },
    { label: 'App', value: generation.appTitle },
    { label: 'Answered', value: generation.isStreamed ? 'As a stream' : 'In one piece' },
    { label: 'Finish reason', value: finishReasonOf(generation) },
    { label: 'Counts', value: basisWords[generation.basis] },
    { label: 'Flags', value: wordsOf(generation.flags) },
    { label: 'Error', value: generation.errorCode, isCode: true },
    { label: 'Session', value: generation.sessionId, isCode: true },
    { label: 'End user', value: generation.endUser, isCode: true },
    { label: 'User agent', value: generation.userAgent, isCode: true },
    { label: 'Request', value: generation.requestId, isCode: true },
    { label: 'Provider’s id', value: generation.upstreamId, isCode: true },
  ];
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-6 gap-y-2 text-sm">
      {facts.map(({ label, value, isCode }) => (
        <div className="contents" key={label}>
          <dt className="text-muted-foreground">{label}</dt>
          <dd className={isCode && value ? 'min-w-0 break-all font-mono text-xs leading-5' : 'min-w-0'}>
            {value ?? <Unknown />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Ours, and the provider's own word where it is another one. */
function finishReasonOf({ finishReason, nativeFinishReason }: StoredGeneration): string | null {
  if (finishReason === null) return nativeFinishReason;
  const words = finishWords[finishReason].toLowerCase();
  return nativeFinishReason === null || nativeFinishReason === finishReason
    ? words
    : `${words} (${nativeFinishReason})`;
}

const basisWords: Readonly<Record<StoredGeneration['basis'], string>> = {
  reported: 'As the provider reported them',
  estimated: 'Estimated: the provider did not report them',
  none: 'None',
};
