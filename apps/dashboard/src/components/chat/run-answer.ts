import { type ChatCall, ChatError, type ChatEvent, streamChat } from './chat-stream.ts';
import type { Answer, AnswerStats } from './conversation.ts';

/** The world of a running answer. */
export type AnswerDeps = {
  fetch: typeof fetch;
  signal: AbortSignal;
  /** This site's, to be named as the application. */
  origin: string;
  /** Milliseconds, for durations. */
  now: () => number;
  /** Called with each new state of the answer, the last one being its end. */
  onChange: (answer: Answer) => void;
};

/** Asks for an answer and tells how it grows. Never throws: every end is a state of the answer. */
export async function runAnswer(start: Answer, call: ChatCall, deps: AnswerDeps): Promise<Answer> {
  const clock = startClock(deps.now);
  let answer = start;
  const change = (next: Answer) => {
    answer = next;
    deps.onChange(next);
  };
  try {
    for await (const event of streamChat(call, deps)) change(withEvent(answer, event, clock));
    change({ ...answer, state: 'done' });
  } catch (error) {
    change(ended(answer, error, deps.signal));
  }
  return answer;
}

type Clock = { word: () => void; times: () => Pick<AnswerStats, 'firstWordMs' | 'writingMs'> };

function startClock(now: () => number): Clock {
  const startedAt = now();
  let firstAt: number | null = null;
  let lastAt: number | null = null;
  return {
    word: () => {
      lastAt = now();
      firstAt ??= lastAt;
    },
    times: () => ({
      firstWordMs: firstAt === null ? null : Math.round(firstAt - startedAt),
      writingMs: firstAt === null || lastAt === null ? null : Math.round(lastAt - firstAt),
    }),
  };
}

function withEvent(answer: Answer, event: ChatEvent, clock: Clock): Answer {
  switch (event.type) {
    case 'begun':
      return { ...answer, generationId: event.generationId };
    case 'text':
      clock.word();
      return { ...answer, text: answer.text + event.text };
    case 'reasoning':
      clock.word();
      return { ...answer, reasoning: answer.reasoning + event.text };
    case 'usage': {
      const { type: _, ...usage } = event;
      return { ...answer, stats: { ...usage, ...clock.times() } };
    }
  }
}

function ended(answer: Answer, error: unknown, signal: AbortSignal): Answer {
  if (signal.aborted) return { ...answer, state: 'stopped' };
  const failure =
    error instanceof ChatError
      ? error.failure
      : { message: 'The connection was cut before the answer was complete.', status: null };
  return { ...answer, state: 'failed', failure };
}
