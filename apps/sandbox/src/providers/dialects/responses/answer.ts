import { randomId } from '../../../identifiers.ts';
import type { Choice } from '../../answer.ts';
import type { Completion } from '../../completion.ts';
import type { Step } from '../../play.ts';
import { splitTokens } from '../../tokens.ts';
import type { ResponsesRequest } from './request.ts';
import { sealThought } from './sealed-thought.ts';

type Json = Readonly<Record<string, unknown>>;

/** Counts as this API names them; what a fault has put in their place is passed on. */
function usageOf({ usage }: Completion): Json | null {
  if (usage === undefined) return null;
  const counts: Json = { ...usage };
  return {
    input_tokens: counts['prompt_tokens'],
    input_tokens_details: counts['prompt_tokens_details'],
    output_tokens: counts['completion_tokens'],
    output_tokens_details: counts['completion_tokens_details'],
    total_tokens: counts['total_tokens'],
  };
}

function textPart(text: string): Json {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** An item that will be written: as it is announced, in pieces, and as it is in the end. */
type Piece = { readonly type: string; readonly members: Json; readonly tokens: number };
type Item = { readonly added: Json; readonly pieces: readonly Piece[]; readonly done: Json };

function thoughtItem({ reasoning }: Choice, request: ResponsesRequest): Item {
  const id = randomId('rs_', 32);
  const hasSummary = request.reasoning?.summary != null;
  const summary = hasSummary ? (reasoning.split('. ')[0] ?? '') : '';
  const part = { type: 'summary_text', text: summary };
  const at = { summary_index: 0 };
  const isSealed = request.include?.includes('reasoning.encrypted_content') === true;
  const deltas = splitTokens(summary).map((delta): Piece => {
    return { type: 'reasoning_summary_text.delta', members: { ...at, delta }, tokens: 1 };
  });
  const pieces: Piece[] = [
    { type: 'reasoning_summary_part.added', members: { ...at, part: { ...part, text: '' } }, tokens: 0 },
    ...deltas,
    { type: 'reasoning_summary_text.done', members: { ...at, text: summary }, tokens: 0 },
    { type: 'reasoning_summary_part.done', members: { ...at, part }, tokens: 0 },
  ];
  const done = {
    id,
    type: 'reasoning',
    summary: hasSummary ? [part] : [],
    ...(isSealed ? { encrypted_content: sealThought(id, reasoning) } : {}),
  };
  return { added: { id, type: 'reasoning', summary: [] }, pieces: hasSummary ? pieces : [], done };
}

function messageItem({ content, finishReason }: Choice): Item {
  const id = randomId('msg_', 32);
  const base = { id, type: 'message', role: 'assistant' };
  const at = { content_index: 0 };
  const status = finishReason === 'length' ? 'incomplete' : 'completed';
  const deltas = splitTokens(content).map((delta): Piece => {
    return { type: 'output_text.delta', members: { ...at, delta, logprobs: [] }, tokens: 1 };
  });
  const pieces: Piece[] = [
    { type: 'content_part.added', members: { ...at, part: textPart('') }, tokens: 0 },
    ...deltas,
    { type: 'output_text.done', members: { ...at, text: content, logprobs: [] }, tokens: 0 },
    { type: 'content_part.done', members: { ...at, part: textPart(content) }, tokens: 0 },
  ];
  return {
    added: { ...base, status: 'in_progress', content: [] },
    pieces,
    done: { ...base, status, content: [textPart(content)] },
  };
}

function inputOf(argumentsText: string): string {
  const { input }: { input?: unknown } = JSON.parse(argumentsText);
  return typeof input === 'string' ? input : argumentsText;
}

function callItem(name: string, argumentsText: string, isCustom: boolean): Item {
  const id = randomId(isCustom ? 'ctc_' : 'fc_', 32);
  const type = isCustom ? 'custom_tool_call' : 'function_call';
  const base = { id, type, call_id: randomId('call_', 24), name };
  const field = isCustom ? 'input' : 'arguments';
  const text = isCustom ? inputOf(argumentsText) : argumentsText;
  const event = isCustom ? 'custom_tool_call_input' : 'function_call_arguments';
  const deltas = splitTokens(text).map((delta): Piece => ({ type: `${event}.delta`, members: { delta }, tokens: 1 }));
  return {
    added: { ...base, status: 'in_progress', [field]: '' },
    pieces: [
      ...deltas,
      { type: `${event}.done`, members: { [field]: text, ...(isCustom ? {} : { name }) }, tokens: 0 },
    ],
    done: { ...base, status: 'completed', [field]: text },
  };
}

/** What an answer is made of: this API has no alternatives, so the first is all. */
function itemsOf({ choices }: Completion, request: ResponsesRequest): Item[] {
  const [choice] = choices;
  if (choice === undefined) return [];
  const customNames = (request.tools ?? []).flatMap((tool) => (tool.type === 'custom' ? [tool.name] : []));
  const items: Item[] = choice.reasoning === '' ? [] : [thoughtItem(choice, request)];
  if (choice.content !== '') items.push(messageItem(choice));
  for (const { name, argumentsText } of choice.toolCalls) {
    items.push(callItem(name, argumentsText, customNames.includes(name) && choice.finishReason !== 'length'));
  }
  return items;
}

function responseOf(completion: Completion, request: ResponsesRequest, fields: Json): Json {
  const { head } = completion;
  return {
    id: `resp_${head.id.replace(/^chatcmpl-/, '')}`,
    object: 'response',
    created_at: head.created,
    completed_at: null,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: head.model,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    presence_penalty: 0,
    previous_response_id: null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    service_tier: 'default',
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { format: { type: 'text' }, ...request.text },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? 1,
    truncation: 'disabled',
    metadata: request.metadata ?? {},
    ...fields,
  };
}

/** The fields of a response that is over. Nothing at all has no status either. */
function ended(completion: Completion, output: readonly Json[]): Json {
  if (completion.isFinishBlank) return { status: null, output, usage: usageOf(completion) };
  const isCut = completion.choices[0]?.finishReason === 'length';
  return {
    status: isCut ? 'incomplete' : 'completed',
    completed_at: isCut ? null : completion.head.created,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output,
    usage: usageOf(completion),
  };
}

/** The body of an answer that is not streamed. */
export function responseBody(completion: Completion, request: ResponsesRequest): string {
  const output = itemsOf(completion, request).map(({ done }) => done);
  return JSON.stringify(responseOf(completion, request, ended(completion, output)));
}

/** An event of a stream. */
export function eventStep(type: string, members: Json, tokens = 0): Step {
  return { kind: 'write', bytes: `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`, tokens };
}

/** The events of a streamed answer. An answer without anything ends without a last event. */
export function* responseSteps(completion: Completion, request: ResponsesRequest): Generator<Step> {
  let count = 0;
  const step = (type: string, members: Json, tokens = 0): Step => {
    count += 1;
    return eventStep(`response.${type}`, { sequence_number: count - 1, ...members }, tokens);
  };
  const begun = responseOf(completion, request, { status: 'in_progress', output: [], usage: null });
  yield step('created', { response: begun });
  yield step('in_progress', { response: begun });
  const items = itemsOf(completion, request);
  for (const [index, { added, pieces, done }] of items.entries()) {
    const at = { output_index: index };
    yield step('output_item.added', { ...at, item: added });
    for (const { type, members, tokens } of pieces) {
      yield step(type, { item_id: added['id'], ...at, ...members }, tokens);
    }
    yield step('output_item.done', { ...at, item: done });
  }
  if (completion.isFinishBlank) return;
  const fields = ended(
    completion,
    items.map(({ done }) => done),
  );
  yield step(String(fields['status']), { response: responseOf(completion, request, fields) });
}
