import type { AppError } from '@bourse/errors';
import {
  type FoldedChoice,
  type FoldedGeneration,
  foldedReasoning,
  foldedText,
  type GenerationEvent,
  type JsonObject,
  reasoningText,
} from '@bourse/generation';
import { encodeReasoningDetail } from '../openai-chat/encode-prompt.ts';
import { encodeError } from '../openai-chat/errors.ts';
import { END_DATA, frame } from '../openai-chat/frames.ts';
import { encodeUsage } from '../openai-chat/usage.ts';
import type { AnswerContext, EventEncoder, ResponseHead, UsageReport } from '../wire-format.ts';
import { encodeLogprobs } from './logprobs.ts';

/** All that every chunk and body begins with, as JSON text without its end. */
function envelope({ id, createdUnixSeconds: created, model, provider }: ResponseHead): string {
  return JSON.stringify({ id, object: 'text_completion', created, model, provider }).slice(0, -1);
}

/** What a choice says with an event; null where this API has no words for it. */
function choiceOf(event: GenerationEvent, offsetOf: (choice: number) => number): JsonObject | null {
  if (!('choice' in event)) return null;
  const empty = { text: '', index: event.choice, logprobs: null, finish_reason: null };
  switch (event.type) {
    case 'text-delta':
      return { ...empty, text: event.text };
    case 'refusal-delta':
      return { ...empty, text: event.text };
    case 'reasoning-delta':
      return event.kind === 'encrypted' || event.text === '' ? null : { ...empty, reasoning: event.text };
    case 'logprobs':
      return { ...empty, logprobs: encodeLogprobs(event.entries, offsetOf(event.choice)) };
    case 'finish':
      return { ...empty, finish_reason: event.reason.unified, native_finish_reason: event.reason.raw };
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'citation':
    case 'file-annotation':
    case 'image':
    case 'audio-delta':
      return null;
  }
}

/** Writes the stream of this dialect: chunks of text, the usage in one without choices, the end mark. */
export function createEncoder({ head }: AnswerContext): EventEncoder {
  const start = envelope(head);
  const offsets = new Map<number, number>();
  return {
    push(events) {
      let text = '';
      for (const event of events) {
        const choice = choiceOf(event, (index) => offsets.get(index) ?? 0);
        if (choice === null) continue;
        text += frame(`${start},"choices":[${JSON.stringify(choice)}]}`);
        if (event.type !== 'logprobs') continue;
        const length = event.entries.reduce(
          (sum, { token }) => sum + (typeof token === 'string' ? token.length : 0),
          0,
        );
        offsets.set(event.choice, (offsets.get(event.choice) ?? 0) + length);
      }
      return text;
    },
    finish: (report) => frame(`${start},"choices":[],"usage":${encodeUsage(report)}}`) + frame(END_DATA),
    fail(error: AppError) {
      const { error: member } = encodeError(error, { generationId: null });
      const choice = { text: '', index: 0, logprobs: null, finish_reason: 'error' };
      return frame(`${start},"error":${JSON.stringify(member)},"choices":[${JSON.stringify(choice)}]}`);
    },
  };
}

function encodeChoice(choice: FoldedChoice, index: number): JsonObject {
  const details = foldedReasoning(choice);
  const reasoning = reasoningText(details);
  return {
    text: foldedText(choice) + choice.refusal,
    index,
    ...(details.length === 0 ? {} : { reasoning, reasoning_details: details.map(encodeReasoningDetail) }),
    logprobs: choice.logprobs === null ? null : encodeLogprobs(choice.logprobs, 0),
    finish_reason: choice.finish?.unified ?? null,
    native_finish_reason: choice.finish?.raw ?? null,
  };
}

/** A whole answer as JSON text. */
export function encodeBody(answer: FoldedGeneration, { head }: AnswerContext, report: UsageReport): string {
  const choices = JSON.stringify(answer.choices.map(encodeChoice));
  return `${envelope(head)},"choices":${choices},"usage":${encodeUsage(report)}}`;
}
