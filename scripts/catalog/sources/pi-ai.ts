import { z } from 'zod';
import type { PackageFiles } from './package-files.ts';

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
  // Strict: a member that is not known could be a currency, a unit or a condition.
  cost: z.strictObject({
    ...cost,
    tiers: z.array(z.strictObject({ ...cost, inputTokensAbove: z.int().positive() })).optional(),
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

const DATA = 'dist/providers/data/';
const manifest = z.object({ generatedAt: z.iso.datetime() });

/** The lists of a package, and the day on which they were made. Nothing of it is run. Throws an Error that names the file which is not a list of models. */
export function readPiAi(files: PackageFiles): { readonly lists: PiLists; readonly madeOn: string } {
  const names = files.names.filter((name) => name.startsWith(DATA) && /\/[a-z0-9-]+\.json$/.test(name));
  const lists = names.toSorted().map((name): [string, readonly PiModel[]] => {
    try {
      return [name.slice(DATA.length, -'.json'.length), chatModels(files.read(name))];
    } catch (cause) {
      throw new Error(`@earendil-works/pi-ai: ${name} is not a list of models`, { cause });
    }
  });
  const { generatedAt } = manifest.parse(JSON.parse(files.read(`${DATA}.manifest.json`)));
  return { lists: new Map(lists), madeOn: generatedAt.slice(0, 10) };
}
