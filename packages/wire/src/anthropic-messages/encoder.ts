import {
  type Finish,
  type FoldedChoice,
  type FoldedGeneration,
  isJsonObject,
  type JsonObject,
  type Prompt,
} from '@bourse/generation';
import type { AnswerContext, EventEncoder, ResponseHead, UsageReport } from '../wire-format.ts';
import { BlockWriter, callBlock, citationBlock, isContent, textBlock } from './block-writer.ts';
import { inputOf } from './encode-messages.ts';
import { errorFrame } from './errors.ts';
import { dataFor, dataForCall, signatureFor } from './foreign-reasoning.ts';
import { eventFrame, frame, messageStop } from './frames.ts';
import { createCallIds } from './names.ts';
import { stopReasonOf } from './stop-reasons.ts';
import { encodeUsage, unsaid } from './usage.ts';

/** Clients of this dialect may ask for thoughts without their words. */
function isThoughtHidden({ source }: Prompt): boolean {
  const { thinking } = source.body;
  return source.wire === 'anthropic-messages' && isJsonObject(thinking) && thinking['display'] === 'omitted';
}

function messageStart({ id, model, provider }: ResponseHead): string {
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    provider,
    content: [],
    container: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    // What the prompt came to is known at the end, and said there.
    usage: {
      ...unsaid,
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      cache_creation: null,
      output_tokens_details: null,
    },
  };
  return eventFrame({ type: 'message_start', message });
}

/** The frame that says why the answer ended and what it cost. */
function messageDelta(finish: Finish | null, hasCall: boolean, report: UsageReport): string {
  const delta = JSON.stringify({ container: null, stop_details: null, ...stopReasonOf(finish, hasCall) });
  return frame('message_delta', `{"type":"message_delta","delta":${delta},"usage":${encodeUsage(report)}}`);
}

/** Writes the stream of this dialect: a message, its blocks one after the other, the reason of its end with the money, the end mark. */
export function createEncoder({ head, prompt }: AnswerContext): EventEncoder {
  const blocks = new BlockWriter(isThoughtHidden(prompt));
  let finish: Finish | null = null;
  let isOpen = false;
  function start(): string {
    if (isOpen) return '';
    isOpen = true;
    return messageStart(head);
  }
  return {
    push(events) {
      let text = events.length === 0 ? '' : start();
      for (const event of events) {
        if (isContent(event)) text += blocks.write(event);
        else if (event.type === 'finish' && event.choice === 0) finish = event.reason;
      }
      return text;
    },
    finish: (report) => start() + blocks.end() + messageDelta(finish, blocks.hasCall, report) + messageStop,
    fail: (error) => errorFrame(error, head.id),
  };
}

/** The content of a whole answer. */
function contentOf(choice: FoldedChoice, isHidden: boolean): JsonObject[] {
  const ids = createCallIds();
  const content = choice.blocks.flatMap((block): JsonObject[] => {
    if (block.type === 'text') return [textBlock(block.text)];
    if (block.type === 'tool-call') {
      const { callId, name, argumentsText, signature } = block.call;
      const id = ids.call(callId);
      const call = callBlock(id, name, inputOf(argumentsText));
      if (signature === undefined) return [call];
      return [{ type: 'redacted_thinking', data: dataForCall({ callId: id, signature }) }, call];
    }
    const { detail } = block;
    const { format, id } = detail;
    if (detail.type === 'encrypted')
      return [{ type: 'redacted_thinking', data: dataFor({ data: detail.data, format, id }) }];
    const signature = signatureFor({ signature: detail.type === 'text' ? detail.signature : undefined, format, id });
    return [{ type: 'thinking', thinking: isHidden ? '' : detail.text, signature }];
  });
  if (choice.refusal !== '') content.push(textBlock(choice.refusal));
  return withCitations(content, choice);
}

/** Sources belong to the last text. */
function withCitations(content: JsonObject[], { citations }: FoldedChoice): JsonObject[] {
  if (citations.length === 0) return content;
  const cited = citations.map((citation) => citationBlock({ type: 'citation', choice: 0, citation }));
  const last = content.findLastIndex((block) => block['type'] === 'text');
  if (last === -1) return [...content, { type: 'text', text: '', citations: cited }];
  return content.map((block, index) => (index === last ? { ...block, citations: cited } : block));
}

/** A whole answer as JSON text. The cost is written digit by digit and never passes through a float. */
export function encodeBody(answer: FoldedGeneration, { head, prompt }: AnswerContext, report: UsageReport): string {
  const [choice] = answer.choices;
  const content = choice === undefined ? [] : contentOf(choice, isThoughtHidden(prompt));
  const hasCall = content.some((block) => block['type'] === 'tool_use');
  const body = JSON.stringify({
    id: head.id,
    type: 'message',
    role: 'assistant',
    model: head.model,
    provider: head.provider,
    container: null,
    content,
    stop_details: null,
    ...stopReasonOf(choice?.finish ?? null, hasCall),
  });
  return `${body.slice(0, -1)},"usage":${encodeUsage(report)}}`;
}
