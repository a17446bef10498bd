import type { GenerationEvent, Prompt } from '@bourse/generation';
import { type ToolNames, toolNamesOf } from '../request/tool-names.ts';
import type { Decoded } from '../wire-format.ts';

/**
 * Names of tools as this dialect allows them, which is what Bedrock allows: 64 letters, digits, `_` and `-`. Clients of its own have such
 * names already; those of others get them back.
 */
function namesFor(prompt: Prompt): ToolNames | null {
  return prompt.source.wire === 'openai-responses' ? null : toolNamesOf(prompt);
}

/** The prompt with names that the dialect allows. */
export function withAllowedNames(prompt: Prompt): Prompt {
  const names = namesFor(prompt);
  if (names === null) return prompt;
  const renamed = <Named extends { readonly name: string }>(named: Named): Named => ({
    ...named,
    name: names.toProvider(named.name),
  });
  const { toolChoice } = prompt;
  return {
    ...prompt,
    tools: prompt.tools.map(renamed),
    ...(toolChoice?.type === 'tool' ? { toolChoice: renamed(toolChoice) } : {}),
    messages: prompt.messages.map((message) =>
      message.role === 'assistant' ? { ...message, toolCalls: message.toolCalls.map(renamed) } : message,
    ),
  };
}

/** Gives calls the names back that the client knows. */
export function restoreNames(prompt: Prompt): (decoded: Decoded) => Decoded {
  const names = namesFor(prompt);
  if (names === null) return (decoded) => decoded;
  const restored = (event: GenerationEvent): GenerationEvent =>
    event.type === 'tool-call-start' ? { ...event, name: names.toClient(event.name) } : event;
  return (decoded) => {
    const hasCall = decoded.events.some(({ type }) => type === 'tool-call-start');
    return hasCall ? { ...decoded, events: decoded.events.map(restored) } : decoded;
  };
}
