import {
  type Citation,
  type Finish,
  type FoldedChoice,
  type FoldedGeneration,
  foldedText,
  type GenerationEvent,
  type JsonObject,
  type ReasoningDelta,
  type ReasoningDetail,
} from '@bourse/generation';
import type { AnswerContext, EventEncoder, UsageReport } from '../wire-format.ts';
import {
  audioPart,
  callPart,
  candidateFacts,
  imagePart,
  logprobsResult,
  showsThoughts,
  textPart,
  thoughtPart,
} from './answer-parts.ts';
import { encodeError } from './errors.ts';
import { finishWord } from './finish-reasons.ts';
import { answerText, frame } from './frames.ts';
import { encodeUsage } from './usage.ts';

interface OpenCall {
  readonly callId: string;
  readonly name: string;
  readonly signature?: string;
  argumentsText: string;
}

/** What is known of one candidate while it is written. */
interface Candidate {
  /** By block. Calls are whole in this dialect, so that they wait for the end of their arguments. */
  readonly calls: Map<number, OpenCall>;
  readonly citations: Citation[];
  text: string;
  finish: Finish | null;
}

function candidateOf(index: number, parts: readonly JsonObject[]): JsonObject {
  return { content: { role: 'model', parts }, index };
}

function detailOf({ kind, text, signature, id, format }: ReasoningDelta): ReasoningDetail {
  const common = { ...(id === undefined ? {} : { id }), format };
  if (kind === 'encrypted') return { type: 'encrypted', data: text, ...common };
  if (kind === 'summary') return { type: 'summary', text, ...common };
  return { type: 'text', text, ...(signature === undefined ? {} : { signature }), ...common };
}

class Encoder implements EventEncoder {
  readonly #context: AnswerContext;
  readonly #showsThoughts: boolean;
  readonly #candidates = new Map<number, Candidate>();

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#showsThoughts = showsThoughts(context.prompt);
  }

  push(events: readonly GenerationEvent[]): string {
    let text = '';
    for (const event of events) text += this.#event(event);
    return text;
  }

  /** The ends of the candidates wait for the money, so that the last chunk has all that Google's last chunk has. */
  finish(report: UsageReport): string {
    const ends = [...this.#candidates].map(([index, { finish, citations, text }]) => ({
      ...candidateOf(index, [textPart('')]),
      ...(finish === null ? {} : { finishReason: finishWord(finish) }),
      ...candidateFacts({ citations, logprobs: null }, text),
    }));
    return frame(answerText(ends, this.#context.head, encodeUsage(report)));
  }

  fail(error: Parameters<EventEncoder['fail']>[0]): string {
    return frame(JSON.stringify(encodeError(error, { generationId: this.#context.head.id })));
  }

  #event(event: GenerationEvent): string {
    if (event.type === 'start' || event.type === 'usage') return '';
    const candidate = this.#candidateAt(event.choice);
    if (event.type === 'logprobs') {
      return this.#write({ ...candidateOf(event.choice, []), logprobsResult: logprobsResult(event.entries) });
    }
    const parts = this.#partsOf(event, candidate);
    return parts.length === 0 ? '' : this.#write(candidateOf(event.choice, parts));
  }

  #write(candidate: JsonObject): string {
    return frame(answerText([candidate], this.#context.head, null));
  }

  #candidateAt(choice: number): Candidate {
    const known = this.#candidates.get(choice) ?? { calls: new Map(), citations: [], text: '', finish: null };
    this.#candidates.set(choice, known);
    return known;
  }

  #partsOf(
    event: Exclude<GenerationEvent, { type: 'start' | 'usage' | 'logprobs' }>,
    candidate: Candidate,
  ): JsonObject[] {
    switch (event.type) {
      case 'text-delta':
        candidate.text += event.text;
        return [textPart(event.text, event.signature)];
      case 'refusal-delta':
        candidate.text += event.text;
        return [textPart(event.text)];
      case 'reasoning-delta': {
        const part = this.#showsThoughts ? thoughtPart(detailOf(event)) : null;
        return part === null ? [] : [part];
      }
      case 'tool-call-start': {
        const { callId, name, signature } = event;
        const signed = signature === undefined ? {} : { signature };
        candidate.calls.set(event.block, { callId, name, argumentsText: '', ...signed });
        return [];
      }
      case 'tool-call-delta': {
        const call = candidate.calls.get(event.block);
        if (call !== undefined) call.argumentsText += event.argumentsText;
        return [];
      }
      case 'citation':
        candidate.citations.push(event.citation);
        return [];
      case 'file-annotation':
        return [];
      case 'image':
        return [imagePart(event.url)];
      case 'audio-delta':
        return event.base64 === undefined ? [] : [audioPart(event.base64, this.#context.prompt)];
      case 'finish': {
        candidate.finish = event.reason;
        const calls = [...candidate.calls.values()].map(callPart);
        candidate.calls.clear();
        return calls;
      }
    }
  }
}

/** Writes the stream of this dialect. Nothing marks its end but the finish reasons, which come last, with usage and cost. */
export function createEncoder(context: AnswerContext): EventEncoder {
  return new Encoder(context);
}

function partsOf(choice: FoldedChoice, { prompt }: AnswerContext): JsonObject[] {
  const isShown = showsThoughts(prompt);
  const parts = choice.blocks.flatMap((block): JsonObject[] => {
    if (block.type === 'text') return [textPart(block.text, block.signature)];
    if (block.type === 'tool-call') return [callPart(block.call)];
    const part = isShown ? thoughtPart(block.detail) : null;
    return part === null ? [] : [part];
  });
  if (choice.refusal !== '') parts.push(textPart(choice.refusal));
  parts.push(...choice.images.map(imagePart));
  if (choice.audio !== null && choice.audio.base64 !== '') parts.push(audioPart(choice.audio.base64, prompt));
  return parts;
}

/** A whole answer as JSON text. The cost is written digit by digit and never passes through a float. */
export function encodeBody(answer: FoldedGeneration, context: AnswerContext, report: UsageReport): string {
  const candidates = answer.choices.map((choice, index) => ({
    ...candidateOf(index, partsOf(choice, context)),
    ...(choice.finish === null ? {} : { finishReason: finishWord(choice.finish) }),
    ...candidateFacts(choice, foldedText(choice) + choice.refusal),
  }));
  return answerText(candidates, context.head, encodeUsage(report));
}
