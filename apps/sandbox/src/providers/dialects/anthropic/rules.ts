import { ProviderError } from '../../errors.ts';
import { isSealed, signatureOf } from '../bedrock/thoughts.ts';
import type { Block, MessagesRequest, Turn } from './schema.ts';

/** What a form alone cannot say: the rules between blocks, messages and settings, as Anthropic refuses. */

/** A refusal in the words of the API. */
export function refuse(message: string): ProviderError {
  return new ProviderError(400, { message });
}

/** The content of a message as blocks. */
export function blocksOf({ content }: Turn): readonly Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

const usesIn = (turn: Turn) => blocksOf(turn).flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
const resultsIn = (turn: Turn) =>
  blocksOf(turn).flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));

function checkTools({ messages }: MessagesRequest): void {
  const seen = new Set<string>();
  let open: readonly string[] = [];
  for (const [at, turn] of messages.entries()) {
    const results = resultsIn(turn);
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0) {
      throw refuse(
        `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}.`,
      );
    }
    const orphan = results.find((id) => !open.includes(id));
    if (orphan !== undefined) {
      throw refuse(`messages.${at}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}.`);
    }
    const types = blocksOf(turn).map(({ type }) => type);
    const firstOther = types.findIndex((type) => type !== 'tool_result');
    if (firstOther !== -1 && types.lastIndexOf('tool_result') > firstOther) {
      throw refuse(`messages.${at}: \`tool_result\` blocks must come first.`);
    }
    open = usesIn(turn);
    for (const id of open) {
      if (seen.has(id)) throw refuse(`messages.${at}: \`tool_use\` ids must be unique`);
      seen.add(id);
    }
  }
  const last = messages.length - 1;
  if (open.length > 0) throw refuse(`messages.${last}: \`tool_use\` ids were found without \`tool_result\` blocks.`);
}

function checkThoughts({ messages }: MessagesRequest): void {
  for (const [at, turn] of messages.entries()) {
    for (const [index, block] of blocksOf(turn).entries()) {
      const isForged =
        (block.type === 'thinking' && block.thinking !== '' && block.signature !== signatureOf(block.thinking)) ||
        (block.type === 'redacted_thinking' && !isSealed(block.data));
      if (isForged) throw refuse(`messages.${at}.content.${index}: Invalid \`signature\` in \`thinking\` block`);
    }
  }
}

function checkContent({ messages }: MessagesRequest): void {
  for (const [at, turn] of messages.entries()) {
    const isLast = at === messages.length - 1;
    const blocks = blocksOf(turn);
    if (blocks.length === 0 && !isLast) throw refuse(`messages.${at}: all messages must have non-empty content.`);
    const end = blocks.at(-1);
    if (isLast && turn.role === 'assistant' && end?.type === 'text' && end.text !== end.text.trimEnd()) {
      throw refuse('messages: final assistant content cannot end with trailing whitespace');
    }
  }
  if (messages[0]?.role !== 'user') throw refuse('messages: first message must use the "user" role');
}

/** Whatever carries a mark, in the order in which a prompt is read. */
export function marksIn({ tools, system, messages, cache_control: own }: MessagesRequest): readonly ('5m' | '1h')[] {
  const blocks = messages.flatMap((turn) => blocksOf(turn));
  const marked = [...(tools ?? []), ...(Array.isArray(system) ? system : []), ...blocks, { cache_control: own }];
  return marked.flatMap((one) =>
    'cache_control' in one && one.cache_control !== undefined ? [one.cache_control.ttl ?? '5m'] : [],
  );
}

function checkMarks(request: MessagesRequest): void {
  const marks = marksIn(request);
  if (marks.length > 4) {
    throw refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`);
  }
  if (marks.lastIndexOf('1h') > marks.indexOf('5m') && marks.includes('5m')) {
    throw refuse('a ttl="1h" cache_control block must not come after a ttl="5m" cache_control block.');
  }
}

function checkThinking(request: MessagesRequest): void {
  const { thinking, temperature, top_p: topP, top_k: topK, tool_choice: choice, max_tokens: cap, messages } = request;
  if (thinking === undefined || thinking.type === 'disabled') return;
  if (temperature !== undefined && temperature !== 1)
    throw refuse('`temperature` may only be set to 1 when thinking is enabled.');
  if (topP !== undefined && topP < 0.95) throw refuse('`top_p` must be at least 0.95 when thinking is enabled.');
  if (topK !== undefined) throw refuse('`top_k` must be unset when thinking is enabled.');
  if (choice?.type === 'any' || choice?.type === 'tool') {
    throw refuse('Thinking may not be enabled when tool_choice forces tool use.');
  }
  if (thinking.type !== 'enabled') return;
  if (cap <= thinking.budget_tokens) throw refuse('`max_tokens` must be greater than `thinking.budget_tokens`.');
  const last = messages.at(-1);
  const isLoop = last !== undefined && resultsIn(last).length > 0;
  const called = messages.findLast(({ role }) => role === 'assistant');
  const first = called === undefined ? undefined : blocksOf(called)[0]?.type;
  if (last?.role === 'assistant' || (isLoop && first !== 'thinking' && first !== 'redacted_thinking')) {
    throw refuse(
      'messages: Expected `thinking` or `redacted_thinking`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.',
    );
  }
}

/** Throws `ProviderError` 400 for the first rule that a well-formed request breaks. */
export function checkRules(request: MessagesRequest): void {
  checkContent(request);
  checkTools(request);
  checkThoughts(request);
  checkMarks(request);
  checkThinking(request);
  if (request.tool_choice !== undefined && (request.tools ?? []).length === 0) {
    throw refuse('tool_choice: may only be specified while providing tools');
  }
}
