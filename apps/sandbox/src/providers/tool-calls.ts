import { type ChatRequest, type ChatTool, lastUserText } from './chat-request.ts';
import { argumentsForSchema } from './json-schema.ts';
import type { Random } from './random.ts';

/** One function call of the answer; `argumentsText` is JSON unless the token limit cut it. */
export type ToolCall = { readonly name: string; readonly argumentsText: string };

function mentionedTools(request: ChatRequest, tools: readonly ChatTool[]): ChatTool[] {
  const text = lastUserText(request.messages).toLowerCase();
  return tools.filter(({ function: { name } }) => {
    const lowered = name.toLowerCase();
    return text.includes(lowered) || text.includes(lowered.replace(/[_-]+/g, ' '));
  });
}

function chosenTools(request: ChatRequest): readonly ChatTool[] {
  const tools = request.tools ?? [];
  const choice = request.tool_choice ?? 'auto';
  if (choice === 'none') return [];
  if (typeof choice === 'object') return tools.filter((tool) => tool.function.name === choice.function.name);
  // A tool has just answered: it is the model's turn to speak, unless the client insists on another call.
  if (choice === 'auto' && request.messages.at(-1)?.role === 'tool') return [];
  const mentioned = mentionedTools(request, tools);
  if (mentioned.length > 0) return mentioned;
  return choice === 'required' || request.model.includes('tool') ? tools.slice(0, 1) : [];
}

/**
 * Which functions the answer calls: those that the last user message names, or the first one when `tool_choice` or a
 * model with `tool` in its name asks for a call. With `parallel_tool_calls: false` at most one.
 */
export function planToolCalls(request: ChatRequest, random: Random): ToolCall[] {
  const chosen = chosenTools(request);
  const allowed = request.parallel_tool_calls === false ? chosen.slice(0, 1) : chosen;
  return allowed.map((tool) => ({
    name: tool.function.name,
    argumentsText: JSON.stringify(argumentsForSchema(tool.function.parameters, random)),
  }));
}
