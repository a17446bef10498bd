import { AppError } from '@bourse/errors';
import type { Finish, FoldedChoice, FoldedGeneration, GenerationEvent, ReasoningDelta } from '@bourse/generation';
import { fileAnnotation } from '../openai-chat/encoder.ts';
import type { AnswerContext, EventEncoder, UsageReport } from '../wire-format.ts';
import { customToolNames } from './custom-tools.ts';
import { incompleteReason } from './finish.ts';
import { END_FRAME, FrameWriter } from './frames.ts';
import { begun, isToldAsIncomplete, type ResponseState, responseText } from './response-object.ts';
import { encodeUsage } from './usage.ts';
import { CallItem, CustomCallItem, ImageItem } from './written-calls.ts';
import type { ItemPlace, ItemStatus, WrittenItem } from './written-item.ts';
import { MessageItem, ReasoningItem } from './written-texts.ts';

/** Everything that is written of one answer: frames as it goes, and the response that it comes to. */
class AnswerWriter {
  readonly #frames = new FrameWriter();
  readonly #context: AnswerContext;
  readonly #customTools: ReadonlySet<string>;
  readonly #items: WrittenItem[] = [];
  readonly #ids = new Set<string>();
  /** Calls stay open to the end: providers may write several side by side. */
  readonly #calls = new Map<number, CallItem | CustomCallItem>();
  #open: MessageItem | ReasoningItem | null = null;
  #hasBegun = false;
  finish: Finish | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#customTools = customToolNames(context.prompt);
  }

  /** `response.created` and `response.in_progress`, once. */
  begin(): string {
    if (this.#hasBegun) return '';
    this.#hasBegun = true;
    const response = responseText(this.#context, begun, 'null');
    return (
      this.#frames.writeResponse('response.created', response) +
      this.#frames.writeResponse('response.in_progress', response)
    );
  }

  push(event: GenerationEvent): string {
    switch (event.type) {
      case 'text-delta': {
        if (event.text === '' && event.signature === undefined) return '';
        const [opened, message] = this.#message();
        return opened + message.text(event.block, event.text, event.signature);
      }
      case 'refusal-delta': {
        const [opened, message] = this.#message();
        return opened + message.refusal(event.text);
      }
      case 'citation': {
        const [opened, message] = this.#message();
        return opened + message.citation(event.citation);
      }
      case 'file-annotation': {
        const [opened, message] = this.#message();
        return opened + message.annotation(fileAnnotation(event.file));
      }
      case 'logprobs':
        if (this.#open instanceof MessageItem) this.#open.logprobs(event.entries);
        return '';
      case 'reasoning-delta':
        return this.#think(event);
      case 'tool-call-start':
        return this.#call(event);
      case 'tool-call-delta':
        return event.argumentsText === '' ? '' : (this.#calls.get(event.block)?.push(event.argumentsText) ?? '');
      case 'image':
        return this.#picture(event.url);
      case 'finish':
        this.finish = event.reason;
        return '';
      case 'start':
      case 'usage':
      case 'audio-delta':
        // Nobody can ask for sound in this dialect.
        return '';
    }
  }

  /** Closes what is open. */
  close(status: ItemStatus): string {
    let text = this.#closeOpen(status);
    for (const call of this.#calls.values()) text += call.close(status);
    this.#calls.clear();
    return text;
  }

  /** The response in its last state. */
  response(state: Omit<ResponseState, 'output'>, usage: string): string {
    return responseText(this.#context, { ...state, output: this.#items.map((item) => item.json) }, usage);
  }

  last(type: string, response: string): string {
    return this.#frames.writeResponse(type, response) + END_FRAME;
  }

  #place(prefix: string, wanted?: string): ItemPlace {
    const index = this.#items.length;
    const isFree = wanted !== undefined && wanted !== '' && !this.#ids.has(wanted);
    const id = isFree ? wanted : `${prefix}_${this.#context.head.id.replace(/^gen-/, '')}_${index}`;
    this.#ids.add(id);
    return { frames: this.#frames, index, id };
  }

  #add<Added extends WrittenItem>(item: Added): string {
    this.#items.push(item);
    return item.open();
  }

  #closeOpen(status: ItemStatus): string {
    const closed = this.#open?.close(status) ?? '';
    this.#open = null;
    return closed;
  }

  #message(): readonly [string, MessageItem] {
    if (this.#open instanceof MessageItem) return ['', this.#open];
    const closed = this.#closeOpen('completed');
    const message = new MessageItem(this.#place('msg'));
    this.#open = message;
    return [closed + this.#add(message), message];
  }

  #think(event: ReasoningDelta): string {
    if (this.#open instanceof ReasoningItem && this.#open.takes(event)) return this.#open.push(event);
    if (event.text === '' && event.signature === undefined) return '';
    const closed = this.#closeOpen('completed');
    const thought = new ReasoningItem(this.#place('rs', event.id), event);
    this.#open = thought;
    return closed + this.#add(thought) + thought.push(event);
  }

  #call({ block, callId, name, signature }: Extract<GenerationEvent, { type: 'tool-call-start' }>): string {
    const closed = this.#closeOpen('completed');
    const head = { callId, name, ...(signature === undefined ? {} : { signature }) };
    const call = this.#customTools.has(name)
      ? new CustomCallItem(this.#place('ctc'), head)
      : new CallItem(this.#place('fc'), head);
    this.#calls.set(block, call);
    return closed + this.#add(call);
  }

  #picture(url: string): string {
    const closed = this.#closeOpen('completed');
    const picture = new ImageItem(this.#place('ig'), url);
    return closed + this.#add(picture) + picture.close('completed');
  }
}

const BROKEN = 'The provider ended the answer with an error.';

/** The last state of an answer by its finish; `failed` where the provider said no more than that it went wrong. */
function endState(finish: Finish | null): Omit<ResponseState, 'output'> {
  if (finish?.unified === 'error') {
    return { status: 'failed', incompleteReason: null, error: new AppError('provider_failed', BROKEN) };
  }
  const reason = incompleteReason(finish);
  return { status: reason === null ? 'completed' : 'incomplete', incompleteReason: reason, error: null };
}

/** The last state of an answer that broke off, or was never given. */
function failureState(error: AppError): Omit<ResponseState, 'output'> {
  return isToldAsIncomplete(error)
    ? { status: 'incomplete', incompleteReason: 'max_output_tokens', error }
    : { status: 'failed', incompleteReason: null, error };
}

function itemStatus({ status }: Pick<ResponseState, 'status'>): ItemStatus {
  return status === 'completed' ? 'completed' : 'incomplete';
}

/**
 * Writes the stream of this dialect: every item and part is added, filled and done, events are numbered, and the last one has the whole
 * response, with usage and cost. Only the first alternative is written: the dialect knows no others.
 */
export function createEncoder(context: AnswerContext): EventEncoder {
  const writer = new AnswerWriter(context);
  const end = (state: Omit<ResponseState, 'output'>, usage: string): string => {
    const opened = writer.begin() + writer.close(itemStatus(state));
    return opened + writer.last(`response.${state.status}`, writer.response(state, usage));
  };
  return {
    push(events) {
      let text = '';
      for (const event of events) {
        if ('choice' in event && event.choice !== 0) continue;
        text += writer.begin() + writer.push(event);
      }
      return text;
    },
    finish: (report) => end(endState(writer.finish), encodeUsage(report)),
    fail: (error) => end(failureState(error), 'null'),
  };
}

/** A folded answer as the events that it could have come in. */
function* eventsOf({
  blocks,
  refusal,
  citations,
  files = [],
  images,
  logprobs,
  finish,
}: FoldedChoice): Generator<GenerationEvent> {
  const choice = 0;
  for (const [block, folded] of blocks.entries()) {
    if (folded.type === 'text') {
      const { text, signature } = folded;
      yield { type: 'text-delta', choice, block, text, ...(signature === undefined ? {} : { signature }) };
    } else if (folded.type === 'tool-call') {
      const { argumentsText, ...head } = folded.call;
      yield { type: 'tool-call-start', choice, block, ...head };
      yield { type: 'tool-call-delta', choice, block, argumentsText };
    } else {
      const { type: kind, ...detail } = folded.detail;
      const { data, ...rest } = 'data' in detail ? detail : { ...detail, data: null };
      yield { type: 'reasoning-delta', choice, block, kind, text: data ?? '', ...rest };
    }
  }
  if (refusal !== '') yield { type: 'refusal-delta', choice, text: refusal };
  for (const citation of citations) yield { type: 'citation', choice, citation };
  for (const file of files) yield { type: 'file-annotation', choice, file };
  if (logprobs !== null) yield { type: 'logprobs', choice, entries: logprobs };
  for (const url of images) yield { type: 'image', choice, url };
  if (finish !== null) yield { type: 'finish', choice, reason: finish };
}

/** A whole answer as JSON text, put together by the writer of streams, so that both tell the same. */
export function encodeBody(answer: FoldedGeneration, context: AnswerContext, report: UsageReport): string {
  const writer = new AnswerWriter(context);
  const [choice] = answer.choices;
  for (const event of choice === undefined ? [] : eventsOf(choice)) writer.push(event);
  const state = endState(writer.finish);
  writer.close(itemStatus(state));
  return writer.response(state, encodeUsage(report));
}

/** A failure that this dialect tells as an answer; null for one that it tells as an error. */
export function encodeFailure(error: AppError, context: AnswerContext): string | null {
  return isToldAsIncomplete(error) ? new AnswerWriter(context).response(failureState(error), 'null') : null;
}
