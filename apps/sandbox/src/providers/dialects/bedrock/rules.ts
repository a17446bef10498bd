import { ProviderError } from '../../errors.ts';
import type { ConverseBlock, ConverseRequest, ConverseTurn } from './schema.ts';
import { isSealed, signatureOf } from './thoughts.ts';

/** What a form alone cannot say: the rules between blocks, turns and settings, as Bedrock and Claude behind it refuse. */

/** A refusal in the words of the API. */
export function refuse(message: string): ProviderError {
  return new ProviderError(400, { message, code: 'ValidationException' });
}

function usesIn({ content }: ConverseTurn) {
  return content.flatMap((block) => ('toolUse' in block ? [block.toolUse] : []));
}

function resultsIn({ content }: ConverseTurn) {
  return content.flatMap((block) => ('toolResult' in block ? [block.toolResult] : []));
}

function checkRoles(turns: readonly ConverseTurn[]): void {
  for (const [at, { role }] of turns.entries()) {
    if (at === 0 && role !== 'user')
      throw refuse(
        'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
      );
    if (role === turns[at - 1]?.role) throw refuse('A conversation must alternate between user and assistant roles.');
  }
}

function checkTools({ messages, toolConfig }: ConverseRequest): void {
  const seen = new Set<string>();
  let open: readonly string[] = [];
  for (const [at, turn] of messages.entries()) {
    const results = resultsIn(turn).map(({ toolUseId }) => toolUseId);
    const uses = usesIn(turn).map(({ toolUseId }) => toolUseId);
    if (toolConfig === undefined && results.length + uses.length > 0) {
      throw refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    }
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0)
      throw refuse(`Expected toolResult blocks at messages.${at}.content for the following Ids: ${missing.join(', ')}`);
    if (results.length > open.length)
      throw refuse(
        `The number of toolResult blocks at messages.${at}.content exceeds the number of toolUse blocks of previous turn.`,
      );
    const firstOther = turn.content.findIndex((block) => !('toolResult' in block) && !('cachePoint' in block));
    const lastResult = turn.content.findLastIndex((block) => 'toolResult' in block);
    if (firstOther !== -1 && firstOther < lastResult)
      throw refuse(`messages.${at}: toolResult blocks must come first.`);
    for (const id of uses) {
      if (seen.has(id)) throw refuse(`messages.${at}: toolUse ids must be unique`);
      seen.add(id);
    }
    open = uses;
  }
  if (open.length > 0) throw refuse(`Expected toolResult blocks for the following Ids: ${open.join(', ')}`);
}

function checkThought(block: ConverseBlock, at: number): void {
  if (!('reasoningContent' in block)) return;
  const { reasoningContent: thought } = block;
  const isGenuine =
    'redactedContent' in thought
      ? isSealed(thought.redactedContent)
      : thought.reasoningText.signature === signatureOf(thought.reasoningText.text);
  if (!isGenuine) throw refuse(`messages.${at}.content.0: Invalid \`signature\` in \`thinking\` block`);
}

function checkDocuments({ messages }: ConverseRequest): void {
  const names = new Set<string>();
  for (const { content } of messages) {
    const documents = content.flatMap((block) => ('document' in block ? [block.document] : []));
    if (documents.length > 0 && !content.some((block) => 'text' in block)) {
      throw refuse('A text block must be included when a document is.');
    }
    for (const { name } of documents) {
      if (names.has(name)) throw refuse('Messages can not contain duplicate document names.');
      names.add(name);
    }
  }
}

/** How many cache points there are, anywhere. */
export function cachePointsIn({ system, messages, toolConfig }: ConverseRequest): number {
  const blocks = [
    ...(system ?? []),
    ...messages.flatMap(({ content }): object[] => [...content]),
    ...(toolConfig?.tools ?? []),
  ];
  return blocks.filter((block) => 'cachePoint' in block).length;
}

function checkThinking({
  inferenceConfig,
  additionalModelRequestFields: fields,
  toolConfig,
  messages,
}: ConverseRequest): void {
  const thinking = fields?.thinking;
  if (thinking === undefined || thinking.type === 'disabled') return;
  const { temperature, topP, maxTokens } = inferenceConfig ?? {};
  if (temperature !== undefined && temperature !== 1)
    throw refuse('`temperature` may only be set to 1 when thinking is enabled.');
  if (topP !== undefined && topP < 0.95) throw refuse('`top_p` must be at least 0.95 when thinking is enabled.');
  if (fields?.top_k !== undefined) throw refuse('`top_k` must be unset when thinking is enabled.');
  const choice = toolConfig?.toolChoice;
  if (choice !== undefined && !('auto' in choice))
    throw refuse('Thinking may not be enabled when tool_choice forces tool use.');
  if (thinking.type !== 'enabled') return;
  if (maxTokens !== undefined && maxTokens <= thinking.budget_tokens)
    throw refuse('`max_tokens` must be greater than `thinking.budget_tokens`.');
  const last = messages.findLast(({ role }) => role === 'assistant');
  const isLoop =
    last !== undefined &&
    usesIn(last).length > 0 &&
    messages.at(-1)?.role === 'user' &&
    resultsIn(messages.at(-1) ?? last).length > 0;
  if (isLoop && !last.content.some((block) => 'reasoningContent' in block)) {
    throw refuse(
      'messages: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.',
    );
  }
}

/** Throws `ProviderError` 400 for the first rule that a well-formed request breaks. */
export function checkRules(request: ConverseRequest): void {
  checkRoles(request.messages);
  checkTools(request);
  for (const [at, { content }] of request.messages.entries()) for (const block of content) checkThought(block, at);
  checkDocuments(request);
  checkThinking(request);
  if (cachePointsIn(request) > 4) throw refuse('A maximum of 4 blocks with cache_control may be provided.');
}
