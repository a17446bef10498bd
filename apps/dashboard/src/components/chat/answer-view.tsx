'use client';

import { nanodollarsFromUsd } from '@bourse/money';
import { Button, CopyButton, Monogram } from '@bourse/ui';
import { RotateCcw } from 'lucide-react';
import Link from 'next/link';
import { memo } from 'react';
import { creditsPlace } from '../../site/navigation.ts';
import { Duration, Speed, tokensPerSecond } from '../activity/speed.tsx';
import { Money } from '../format/money.tsx';
import { Count } from '../format/tokens.tsx';
import type { ChatModel } from './chat-model.ts';
import type { Answer, AnswerFailure, AnswerStats } from './conversation.ts';
import { ModelMarkdown } from './markdown.tsx';

type AnswerViewProps = {
  answer: Answer;
  /** Undefined when the catalog has lost it. */
  model: ChatModel | undefined;
  /** Null while another answer is being written. */
  onRetry: ((answerId: string) => void) | null;
  onForgetKey: () => void;
};

/** What a model wrote, with what it took. Answers that are done are not drawn again while another one grows. */
export const AnswerView = memo(AnswerArticle, looksTheSame);

function looksTheSame(a: AnswerViewProps, b: AnswerViewProps): boolean {
  return a.answer === b.answer && a.model === b.model && (a.onRetry === null) === (b.onRetry === null);
}

function AnswerArticle({ answer, model, onRetry, onForgetKey }: AnswerViewProps) {
  const isWriting = answer.state === 'writing';
  return (
    <article aria-busy={isWriting} className="group grid gap-2">
      <header className="flex items-center gap-2">
        <Monogram name={model?.authorName ?? answer.model} size="sm" />
        <span className="font-medium text-sm">{model?.name ?? answer.model}</span>
      </header>
      {answer.reasoning ? <Reasoning isOpen={isWriting && answer.text === ''} text={answer.reasoning} /> : null}
      {answer.text ? <ModelMarkdown text={answer.text} /> : null}
      {isWriting && answer.text === '' && answer.reasoning === '' ? <Waiting /> : null}
      {answer.failure ? (
        <Failure failure={answer.failure} onForgetKey={onForgetKey} onRetry={onRetry && (() => onRetry(answer.id))} />
      ) : null}
      {isWriting ? null : (
        <footer className="flex flex-wrap items-center gap-x-3 gap-y-1 text-subtle-foreground text-xs">
          {answer.state === 'stopped' ? <span>Stopped</span> : null}
          {answer.stats ? <Stats stats={answer.stats} /> : null}
          {answer.generationId ? (
            <Link
              className="hover:text-foreground hover:underline"
              href={`/activity/${answer.generationId}`}
              prefetch={false}
            >
              Receipt
            </Link>
          ) : null}
          <span className="-ml-1 flex items-center">
            {answer.text ? <CopyButton label="Copy the answer" value={answer.text} /> : null}
            {onRetry && !answer.failure ? (
              <Button
                aria-label="Answer again"
                onClick={() => onRetry(answer.id)}
                size="icon-sm"
                title="Answer again"
                variant="ghost"
              >
                <RotateCcw aria-hidden />
              </Button>
            ) : null}
          </span>
        </footer>
      )}
    </article>
  );
}

function Reasoning({ text, isOpen }: { text: string; isOpen: boolean }) {
  return (
    <details className="rounded-md border bg-inset px-3 py-2 text-muted-foreground text-sm" open={isOpen}>
      <summary className="cursor-pointer text-xs">Reasoning</summary>
      <p className="mt-2 whitespace-pre-wrap break-words">{text}</p>
    </details>
  );
}

function Waiting() {
  return (
    <span className="flex h-6 items-center gap-1" title="Waiting for the first word">
      <span className="sr-only">Waiting for the first word</span>
      {[0, 150, 300].map((delay) => (
        <span
          aria-hidden
          className="size-1.5 animate-pulse rounded-full bg-subtle-foreground"
          key={delay}
          style={{ animationDelay: `${delay}ms` }}
        />
      ))}
    </span>
  );
}

function Stats({ stats }: { stats: AnswerStats }) {
  const { inputTokens, outputTokens, costUsd, firstWordMs, writingMs } = stats;
  const perSecond = tokensPerSecond({ outputTokens, generationMs: writingMs });
  return (
    <>
      <span>
        <Count count={inputTokens} /> in, <Count count={outputTokens} /> out
      </span>
      {costUsd === null ? null : <Money amount={nanodollarsFromUsd(costUsd)} />}
      {perSecond === null ? null : <Speed perSecond={perSecond} />}
      {firstWordMs === null ? null : (
        <span>
          first word after <Duration ms={firstWordMs} />
        </span>
      )}
    </>
  );
}

type FailureProps = { failure: AnswerFailure; onRetry: (() => void) | null; onForgetKey: () => void };

/** What went wrong, and the way on: credits for 402, another key for 401, another try for the rest. */
function Failure({ failure, onRetry, onForgetKey }: FailureProps) {
  const { status } = failure;
  return (
    <div
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border border-danger-line bg-danger-soft px-3 py-2 text-danger-text text-sm"
      role="alert"
    >
      <p className="min-w-0 flex-1 break-words">{failure.message}</p>
      {status === 402 ? (
        <Button asChild size="sm">
          <Link href={creditsPlace.href}>Buy credits</Link>
        </Button>
      ) : null}
      {status === 401 ? (
        <Button onClick={onForgetKey} size="sm">
          Use another key
        </Button>
      ) : null}
      {onRetry && status !== 401 && status !== 402 ? (
        <Button onClick={onRetry} size="sm">
          <RotateCcw aria-hidden />
          Try again
        </Button>
      ) : null}
    </div>
  );
}
