import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Dollars per million tokens. Zero for caching means "not priced apart" in this source. */
const cost = {
  input: z.number().finite().nonnegative(),
  output: z.number().finite().nonnegative(),
  cacheRead: z.number().finite().nonnegative(),
  cacheWrite: z.number().finite().nonnegative(),
};

const model = z.object({
  type: z.string(),
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  reasoning: z.boolean(),
  input: z.array(z.enum(['text', 'image'])).min(1),
  cost: z.object({
    ...cost,
    tiers: z.array(z.object({ ...cost, inputTokensAbove: z.int().positive() })).optional(),
  }),
  contextWindow: z.int().positive(),
  maxTokens: z.int().positive(),
  thinkingLevelMap: z.record(z.string(), z.string().nullable()).optional(),
});

/** A model in a provider's list of `@earendil-works/pi-ai`. Its lists hold only models that take tools (the package's README, read 2026-11-22). */
export type PiModel = z.infer<typeof model>;

/** Lists of models by the source's name of the provider. */
export type PiLists = ReadonlyMap<string, readonly PiModel[]>;

const list = z.record(z.string(), z.record(z.string(), z.looseObject({ type: z.string() })));

function chatModels(text: string): readonly PiModel[] {
  const dialects = list.parse(JSON.parse(text));
  const entries = Object.values(dialects).flatMap((models) => Object.values(models));
  return entries.filter(({ type }) => type === 'chat').map((entry) => model.parse(entry));
}

/** Reads the lists of an unpacked package; nothing of it is run. Throws an Error that names the file which is not a list of models. */
export function readPiAi(folder: string): PiLists {
  const data = join(folder, 'dist/providers/data');
  const names = readdirSync(data).filter((name) => /^[a-z0-9-]+\.json$/.test(name));
  return new Map(
    names.toSorted().map((name) => {
      try {
        return [name.slice(0, -'.json'.length), chatModels(readFileSync(join(data, name), 'utf8'))];
      } catch (cause) {
        throw new Error(`@earendil-works/pi-ai: ${name} is not a list of models`, { cause });
      }
    }),
  );
}
