import type { ReasoningSupport } from '@bourse/catalog';
import type { PiModel } from './sources/pi-ai.ts';

/**
 * What the models of an author take, wherever they are served as the author made them, in OpenRouter's words: read from the authors' API references, 2026-11,
 * as the curated files of their own APIs have it. Others get the words that every server of the chat dialect knows.
 */
const sets = {
  'openai chat':
    'max_tokens temperature top_p frequency_penalty presence_penalty seed stop response_format structured_outputs tools tool_choice',
  'openai reasoning':
    'max_tokens seed response_format structured_outputs tools tool_choice reasoning include_reasoning reasoning_effort',
  'claude sampling': 'max_tokens temperature top_p top_k stop tools tool_choice reasoning include_reasoning',
  'claude adaptive': 'max_tokens stop tools tool_choice reasoning include_reasoning',
  gemini:
    'max_tokens temperature top_p stop top_k seed response_format structured_outputs tools tool_choice reasoning include_reasoning reasoning_effort',
  grok: 'max_tokens temperature top_p seed response_format structured_outputs tools tool_choice reasoning include_reasoning reasoning_effort',
  bare: 'max_tokens temperature top_p stop',
  tools: 'max_tokens temperature top_p stop tools tool_choice',
  'tools reasoning': 'max_tokens temperature top_p stop tools tool_choice reasoning include_reasoning',
  'tools effort': 'max_tokens temperature top_p stop tools tool_choice reasoning include_reasoning reasoning_effort',
} as const;

/** The name of a set of parameters. */
export type ParameterSet = keyof typeof sets;

/** The parameters of a set. */
export function parametersOf(name: ParameterSet): readonly string[] {
  return sets[name].split(' ');
}

/** From high to low. */
const EFFORTS = ['max', 'xhigh', 'high', 'medium', 'low', 'minimal'] as const;

/** How a model thinks, as far as the source says: null where it only says that it does. */
export function reasoningOf({ reasoning, thinkingLevelMap: levels }: PiModel): ReasoningSupport | null {
  if (!reasoning || levels === undefined || Object.keys(levels).length === 0) return null;
  const isMandatory = levels['off'] === null;
  const efforts = EFFORTS.filter((effort) => typeof levels[effort] === 'string');
  return { isMandatory, efforts, defaultEffort: null, isDefaultOn: isMandatory, hasTokenBudget: false };
}

/** The set of a model that the source lists: all of those take tools. */
export function parameterSetOf(slug: string, model: PiModel): ParameterSet {
  const [author] = slug.split('/');
  const hasEfforts = (reasoningOf(model)?.efforts.length ?? 0) > 0;
  const isOpen = /gpt-oss|gemma/.test(slug);
  if (author === 'openai' && !isOpen) return model.reasoning ? 'openai reasoning' : 'openai chat';
  if (author === 'anthropic') return hasEfforts ? 'claude adaptive' : 'claude sampling';
  if (author === 'google' && !isOpen) return 'gemini';
  if (author === 'x-ai') return 'grok';
  if (!model.reasoning) return 'tools';
  return hasEfforts ? 'tools effort' : 'tools reasoning';
}
