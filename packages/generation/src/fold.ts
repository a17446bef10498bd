import type { Citation, FileAnnotation, Finish, GenerationEvent, ReasoningDelta } from './generation-event.ts';
import type { JsonObject } from './json.ts';
import type { ReasoningDetail } from './reasoning.ts';
import type { Usage } from './usage.ts';

/** A tool call put together from its deltas. */
export interface FoldedToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argumentsText: string;
  readonly signature?: string;
}

/** One block of an answer; its place in the list is the order in which it began. */
export type FoldedBlock =
  | { readonly type: 'text'; readonly text: string; readonly signature?: string }
  | { readonly type: 'reasoning'; readonly detail: ReasoningDetail }
  | { readonly type: 'tool-call'; readonly call: FoldedToolCall };

/** Sound that was put together. */
export interface FoldedAudio {
  readonly id: string | null;
  readonly base64: string;
  readonly transcript: string;
  readonly expiresAtUnixSeconds: number | null;
}

/** One alternative of an answer, put together. */
export interface FoldedChoice {
  readonly blocks: readonly FoldedBlock[];
  readonly refusal: string;
  readonly citations: readonly Citation[];
  /** Absent where no plugin read any. */
  readonly files?: readonly FileAnnotation[];
  /** Data URLs. */
  readonly images: readonly string[];
  readonly audio: FoldedAudio | null;
  readonly logprobs: readonly JsonObject[] | null;
  readonly finish: Finish | null;
}

/** A whole answer, put together. `usage` is null when the provider reported none that can be read. */
export interface FoldedGeneration {
  readonly upstreamId: string | null;
  readonly choices: readonly FoldedChoice[];
  readonly usage: Usage | null;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A choice while it is put together. Blocks are held by number and taken in the order in which they began. */
class ChoiceFold {
  readonly #blocks = new Map<number, FoldedBlock>();
  #refusal = '';
  readonly #citations: Citation[] = [];
  readonly #files: FileAnnotation[] = [];
  readonly #images: string[] = [];
  #audio: Writable<FoldedAudio> | null = null;
  #logprobs: JsonObject[] | null = null;
  #finish: Finish | null = null;

  add(event: Exclude<GenerationEvent, { type: 'start' | 'usage' }>): void {
    switch (event.type) {
      case 'text-delta':
        this.#addText(event);
        return;
      case 'reasoning-delta':
        this.#addReasoning(event);
        return;
      case 'tool-call-start': {
        const { callId, name, signature } = event;
        const call = { callId, name, argumentsText: '', ...(signature === undefined ? {} : { signature }) };
        this.#blocks.set(event.block, { type: 'tool-call', call });
        return;
      }
      case 'tool-call-delta':
        this.#addArguments(event.block, event.argumentsText);
        return;
      case 'refusal-delta':
        this.#refusal += event.text;
        return;
      case 'citation':
        this.#citations.push(event.citation);
        return;
      case 'file-annotation':
        this.#files.push(event.file);
        return;
      case 'image':
        this.#images.push(event.url);
        return;
      case 'audio-delta':
        this.#addAudio(event);
        return;
      case 'logprobs':
        this.#logprobs = [...(this.#logprobs ?? []), ...event.entries];
        return;
      case 'finish':
        this.#finish = event.reason;
        return;
    }
  }

  read(): FoldedChoice {
    return {
      blocks: [...this.#blocks.values()],
      refusal: this.#refusal,
      citations: this.#citations,
      ...(this.#files.length === 0 ? {} : { files: this.#files }),
      images: this.#images,
      audio: this.#audio,
      logprobs: this.#logprobs,
      finish: this.#finish,
    };
  }

  #addText({ block, text, signature }: Extract<GenerationEvent, { type: 'text-delta' }>): void {
    const known = this.#blocks.get(block);
    const earlier = known?.type === 'text' ? known : { type: 'text' as const, text: '' };
    const signed = signature === undefined ? {} : { signature };
    this.#blocks.set(block, { ...earlier, text: earlier.text + text, ...signed });
  }

  #addReasoning(event: ReasoningDelta): void {
    const known = this.#blocks.get(event.block);
    const earlier = known?.type === 'reasoning' ? known.detail : null;
    this.#blocks.set(event.block, { type: 'reasoning', detail: detailWith(earlier, event) });
  }

  #addArguments(block: number, argumentsText: string): void {
    const known = this.#blocks.get(block);
    // Arguments of a call that never began belong to nobody.
    if (known?.type !== 'tool-call') return;
    const call = { ...known.call, argumentsText: known.call.argumentsText + argumentsText };
    this.#blocks.set(block, { type: 'tool-call', call });
  }

  #addAudio(event: Extract<GenerationEvent, { type: 'audio-delta' }>): void {
    const audio = this.#audio ?? { id: null, base64: '', transcript: '', expiresAtUnixSeconds: null };
    audio.id = event.id ?? audio.id;
    audio.base64 += event.base64 ?? '';
    audio.transcript += event.transcript ?? '';
    audio.expiresAtUnixSeconds = event.expiresAtUnixSeconds ?? audio.expiresAtUnixSeconds;
    this.#audio = audio;
  }
}

function detailWith(earlier: ReasoningDetail | null, event: ReasoningDelta): ReasoningDetail {
  const { kind } = event;
  // What was told once stays: a late signature often comes without the rest.
  const id = event.id ?? earlier?.id;
  const format = event.format === 'unknown' ? (earlier?.format ?? 'unknown') : event.format;
  const named = id === undefined ? {} : { id };
  if (kind === 'encrypted') return { type: 'encrypted', data: event.text, ...named, format };
  const before = earlier === null || earlier.type === 'encrypted' ? '' : earlier.text;
  if (kind === 'summary') return { type: 'summary', text: before + event.text, ...named, format };
  const signature = event.signature ?? (earlier?.type === 'text' ? earlier.signature : undefined);
  return { type: 'text', text: before + event.text, ...(signature ? { signature } : {}), ...named, format };
}

/** Puts an answer together: a non-streamed answer is a folded stream. Choices are in the order of their index. */
export function fold(events: Iterable<GenerationEvent>): FoldedGeneration {
  const choices = new Map<number, ChoiceFold>();
  let usage: Usage | null = null;
  let upstreamId: string | null = null;
  for (const event of events) {
    if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'start') upstreamId = event.upstreamId;
    else {
      const choice = choices.get(event.choice) ?? new ChoiceFold();
      choices.set(event.choice, choice);
      choice.add(event);
    }
  }
  const inOrder = [...choices].sort(([left], [right]) => left - right);
  return { upstreamId, choices: inOrder.map(([, choice]) => choice.read()), usage };
}

/** The visible text of a choice. */
export function foldedText({ blocks }: FoldedChoice): string {
  let text = '';
  for (const block of blocks) text += block.type === 'text' ? block.text : '';
  return text;
}

/** The reasoning of a choice, in order. */
export function foldedReasoning({ blocks }: FoldedChoice): readonly ReasoningDetail[] {
  return blocks.flatMap((block) => (block.type === 'reasoning' ? [block.detail] : []));
}

/** The tool calls of a choice, in order. */
export function foldedCalls({ blocks }: FoldedChoice): readonly FoldedToolCall[] {
  return blocks.flatMap((block) => (block.type === 'tool-call' ? [block.call] : []));
}
