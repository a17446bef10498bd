import type {
  FileAnnotation,
  FoldedChoice,
  FoldedGeneration,
  GenerationEvent,
  JsonObject,
  ReasoningDelta,
  ReasoningDetail,
} from '@bourse/generation';
import { foldedCalls, foldedReasoning, foldedText, reasoningText } from '@bourse/generation';
import type { AnswerContext, EventEncoder, ResponseHead, UsageReport } from '../wire-format.ts';
import { encodeReasoningDetail } from './encode-prompt.ts';
import { errorFrame } from './errors.ts';
import { frame, usageFrames } from './frames.ts';
import { encodeUsage } from './usage.ts';

/** Numbers things of a choice in the order in which they come: clients count tools, or reasoning, and not our blocks. */
function createIndex(): (choice: number, block: number) => number {
  const blocksByChoice = new Map<number, number[]>();
  return (choice, block) => {
    const blocks = blocksByChoice.get(choice) ?? [];
    blocksByChoice.set(choice, blocks);
    if (!blocks.includes(block)) blocks.push(block);
    return blocks.indexOf(block);
  };
}

type Index = ReturnType<typeof createIndex>;

function detailOf(event: ReasoningDelta, index: number): JsonObject {
  const { kind, text, format } = event;
  const id = event.id === undefined ? {} : { id: event.id };
  if (kind === 'encrypted') return encodeReasoningDetail({ type: 'encrypted', data: text, ...id, format }, index);
  if (kind === 'summary') return encodeReasoningDetail({ type: 'summary', text, ...id, format }, index);
  const signature = event.signature === undefined ? {} : { signature: event.signature };
  return encodeReasoningDetail({ type: 'text', text, ...signature, ...id, format }, index);
}

function reasoningDelta(event: ReasoningDelta, index: number): JsonObject {
  const isReadable = event.kind !== 'encrypted' && event.text !== '';
  return { ...(isReadable ? { reasoning: event.text } : {}), reasoning_details: [detailOf(event, index)] };
}

function signedBy(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}

/**
 * Google's signature of a call, named by its id, or of text. It is told here as well as beside the call: clients of OpenRouter keep the
 * details of reasoning, and write calls anew.
 */
function signatureDetail(data: string, callId?: string): ReasoningDetail {
  return { type: 'encrypted', data, ...(callId === undefined ? {} : { id: callId }), format: 'google-gemini-v1' };
}

/** The same beside the delta that it belongs to. */
function signatureDelta(detail: ReasoningDetail | null, index: () => number): JsonObject {
  return detail === null ? {} : { reasoning_details: [encodeReasoningDetail(detail, index())] };
}

function annotationOf({ citation }: Extract<GenerationEvent, { type: 'citation' }>): JsonObject {
  const { url, title, content, start, end } = citation;
  const places = start < 0 ? {} : { start_index: start, end_index: end };
  const about = { ...(title === undefined ? {} : { title }), ...(content === undefined ? {} : { content }) };
  return { type: 'url_citation', url_citation: { url, ...about, ...places } };
}

/** A file that was read for the model, in OpenRouter's words. */
export function fileAnnotation({ hash, name, content }: FileAnnotation): JsonObject {
  return { type: 'file', file: { hash, name, content } };
}

function imageOf(url: string): JsonObject {
  return { type: 'image_url', image_url: { url } };
}

/** The delta of an event; null for one that is not a delta. */
function deltaOf(event: GenerationEvent, toolIndex: Index, reasoningIndex: Index): JsonObject | null {
  switch (event.type) {
    case 'text-delta': {
      const { choice, block, text, signature } = event;
      const detail = signature === undefined ? null : signatureDetail(signature);
      return { content: text, ...signatureDelta(detail, () => reasoningIndex(choice, block)) };
    }
    case 'reasoning-delta':
      return reasoningDelta(event, reasoningIndex(event.choice, event.block));
    case 'refusal-delta':
      return { refusal: event.text };
    case 'tool-call-start': {
      const { choice, block, callId, name, signature } = event;
      const called = { id: callId, type: 'function', function: { name, arguments: '' }, ...signedBy(signature) };
      const detail = signature === undefined ? null : signatureDetail(signature, callId);
      return {
        tool_calls: [{ index: toolIndex(choice, block), ...called }],
        ...signatureDelta(detail, () => reasoningIndex(choice, block)),
      };
    }
    case 'tool-call-delta': {
      const { choice, block, argumentsText } = event;
      return { tool_calls: [{ index: toolIndex(choice, block), function: { arguments: argumentsText } }] };
    }
    case 'citation':
      return { annotations: [annotationOf(event)] };
    case 'file-annotation':
      return { annotations: [fileAnnotation(event.file)] };
    case 'image':
      return { images: [imageOf(event.url)] };
    case 'audio-delta': {
      const { id, base64, transcript, expiresAtUnixSeconds: expires } = event;
      return {
        audio: {
          ...(id === undefined ? {} : { id }),
          ...(base64 === undefined ? {} : { data: base64 }),
          ...(transcript === undefined ? {} : { transcript }),
          ...(expires === undefined ? {} : { expires_at: expires }),
        },
      };
    }
    case 'start':
    case 'usage':
    case 'logprobs':
    case 'finish':
      return null;
  }
}

/** The entry of `choices` for an event; null where the client gets nothing for it. */
function choiceOf(event: GenerationEvent, toolIndex: Index, reasoningIndex: Index): JsonObject | null {
  if (event.type === 'start' || event.type === 'usage') return null;
  const { choice: index } = event;
  if (event.type === 'finish') {
    return { index, delta: {}, finish_reason: event.reason.unified, native_finish_reason: event.reason.raw };
  }
  if (event.type === 'logprobs') {
    return { index, delta: {}, finish_reason: null, logprobs: { content: event.entries, refusal: null } };
  }
  const delta = deltaOf(event, toolIndex, reasoningIndex);
  return delta && { index, delta, finish_reason: null };
}

/** A chunk's frame with one choice. */
function createChunkWriter(head: ResponseHead): (choice: JsonObject) => string {
  const { id, createdUnixSeconds: created, model, provider } = head;
  const envelope = JSON.stringify({ id, object: 'chat.completion.chunk', created, model, provider });
  const start = envelope.slice(0, -1);
  return (choice) => frame(`${start},"choices":[${JSON.stringify(choice)}]}`);
}

/** Writes the stream of this dialect. Each choice opens with its role; usage comes last, in a chunk of its own, when the money is known. */
export function createEncoder({ head }: AnswerContext): EventEncoder {
  const chunk = createChunkWriter(head);
  const [toolIndex, reasoningIndex] = [createIndex(), createIndex()];
  const opened = new Set<number>();
  return {
    push(events) {
      let text = '';
      for (const event of events) {
        const choice = choiceOf(event, toolIndex, reasoningIndex);
        if (choice === null || event.type === 'start' || event.type === 'usage') continue;
        if (!opened.has(event.choice)) {
          opened.add(event.choice);
          text += chunk({ index: event.choice, delta: { role: 'assistant', content: '' }, finish_reason: null });
        }
        text += chunk(choice);
      }
      return text;
    },
    finish: (report) => usageFrames(report, head),
    fail: (error) => errorFrame(error, head),
  };
}

/** Thoughts, and signatures of what was said and called, in their order. */
function detailsOf({ blocks }: FoldedChoice): readonly ReasoningDetail[] {
  return blocks.flatMap((block) => {
    if (block.type === 'reasoning') return [block.detail];
    const { signature, callId } = block.type === 'tool-call' ? block.call : { ...block, callId: undefined };
    return signature === undefined ? [] : [signatureDetail(signature, callId)];
  });
}

function encodeMessage(choice: FoldedChoice): JsonObject {
  const text = foldedText(choice);
  const details = detailsOf(choice);
  const thoughts = foldedReasoning(choice);
  const reasoning = reasoningText(thoughts);
  const calls = foldedCalls(choice).map(({ callId, name, argumentsText, signature }) => ({
    id: callId,
    type: 'function',
    function: { name, arguments: argumentsText },
    ...signedBy(signature),
  }));
  const { refusal, citations, files = [], images, audio } = choice;
  const cited = citations.map((citation) => annotationOf({ type: 'citation', choice: 0, citation }));
  const annotations = [...cited, ...files.map(fileAnnotation)];
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '' || audio !== null) ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(thoughts.length === 0 ? {} : { reasoning: reasoning === '' ? null : reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details.map(encodeReasoningDetail) }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(images.length === 0 ? {} : { images: images.map(imageOf) }),
    ...(audio === null
      ? {}
      : {
          audio: {
            id: audio.id,
            data: audio.base64,
            transcript: audio.transcript,
            expires_at: audio.expiresAtUnixSeconds,
          },
        }),
  };
}

/** A whole answer as JSON text. The cost is written digit by digit and never passes through a float. */
export function encodeBody(answer: FoldedGeneration, { head }: AnswerContext, report: UsageReport): string {
  const body = JSON.stringify({
    id: head.id,
    object: 'chat.completion',
    created: head.createdUnixSeconds,
    model: head.model,
    provider: head.provider,
    // A member that must be there, and that only OpenAI's own backends have something to say in.
    system_fingerprint: null,
    choices: answer.choices.map((choice, index) => ({
      index,
      message: encodeMessage(choice),
      logprobs: choice.logprobs === null ? null : { content: choice.logprobs, refusal: null },
      finish_reason: choice.finish?.unified ?? null,
      native_finish_reason: choice.finish?.raw ?? null,
    })),
  });
  return `${body.slice(0, -1)},"usage":${encodeUsage(report)}}`;
}
