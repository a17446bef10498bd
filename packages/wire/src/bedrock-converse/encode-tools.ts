import { type CacheHint, isJsonObject, type JsonObject, type Prompt, type ToolDefinition } from '@bourse/generation';
import type { ToolNames } from '../request/tool-names.ts';
import type { AnswerForm } from './answer-form.ts';
import type { ConverseTraits } from './model-traits.ts';

/** The tools of a request; null where it has none, and Converse wants no `toolConfig` then. */
export interface Tools {
  readonly specs: readonly JsonObject[];
  /** Undefined: the model chooses, which not every model lets itself be told. */
  readonly choice: JsonObject | undefined;
  /** The last tool that is worth caching up to. */
  readonly cache: CacheHint | undefined;
  /** The model has to call. */
  readonly isCallForced: boolean;
}

/** A tool without parameters has an empty object of them; `strict` is known only where output formats are. */
function encodeTool(tool: ToolDefinition, names: ToolNames, traits: ConverseTraits): JsonObject {
  return {
    toolSpec: {
      name: names.toProvider(tool.name),
      ...(tool.description?.trim() ? { description: tool.description } : {}),
      inputSchema: { json: { type: 'object', ...(tool.parameters ?? { properties: {} }) } },
      ...(tool.isStrict === true && traits.hasOutputConfig ? { strict: true } : {}),
    },
  };
}

/** A certain tool is any tool where there is no other. */
function encodeChoice(
  { toolChoice }: Prompt,
  names: ToolNames,
  { toolChoices }: ConverseTraits,
): JsonObject | undefined {
  if (toolChoice?.type === 'tool' && toolChoices === 'all')
    return { tool: { name: names.toProvider(toolChoice.name) } };
  return toolChoice?.type === 'tool' || toolChoice?.type === 'required' ? { any: {} } : undefined;
}

/** The tools that may be called: none, all, or the certain one where the model can only be told to call any. */
function offeredTools({ tools, toolChoice }: Prompt, { toolChoices }: ConverseTraits): readonly ToolDefinition[] {
  if (toolChoice?.type === 'none') return [];
  if (toolChoice?.type !== 'tool' || toolChoices === 'all') return tools;
  return tools.filter(({ name }) => name === toolChoice.name);
}

/**
 * The tools. There is no choice "none" in Converse: whoever may not call gets no tools, and what was called before is then told in words.
 * A form of the answer that is a tool stands beside the client's own, and one of them must be called.
 */
export function encodeTools(
  prompt: Prompt,
  form: AnswerForm,
  { names, traits }: { names: ToolNames; traits: ConverseTraits },
) {
  const offered = offeredTools(prompt, traits);
  const specs = offered.map((tool) => encodeTool(tool, names, traits));
  const cache = offered.findLast((tool) => tool.cache !== undefined)?.cache;
  if (form.kind === 'tool') {
    const { name, description, schema } = form;
    const answer = { toolSpec: { name, description, inputSchema: { json: schema } } };
    const choice = specs.length === 0 && traits.toolChoices === 'all' ? { tool: { name } } : { any: {} };
    return { specs: [...specs, answer], choice, cache, isCallForced: true } satisfies Tools;
  }
  if (specs.length === 0) return null;
  const isCallForced = prompt.toolChoice?.type === 'required' || prompt.toolChoice?.type === 'tool';
  return { specs, choice: encodeChoice(prompt, names, traits), cache, isCallForced } satisfies Tools;
}

/** Claude's own way of saying that it must call one tool at a time: Converse's choice of a tool has no word for it. */
export function oneCallOnly({ choice = {} }: Tools): JsonObject {
  const { any, tool } = choice;
  const named = isJsonObject(tool)
    ? { type: 'tool', name: tool['name'] }
    : { type: any === undefined ? 'auto' : 'any' };
  return { tool_choice: { ...named, disable_parallel_tool_use: true } };
}
