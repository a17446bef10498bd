import type { Prompt } from '@bourse/generation';
import { z } from 'zod';

/** How a record names what a plugin did. None of it is anything that was said. */
const FLAG = 'pipeline:';

const stepSchema = z.object({
  type: z.string(),
  name: z.string(),
  summary: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** What plugins did, as flags of a generation's record. */
export function pipelineFlags({ plugged }: Prompt): readonly string[] {
  if (plugged === undefined) return [];
  return plugged.pipeline.map(({ type, name, summary, data }) => FLAG + JSON.stringify({ type, name, summary, data }));
}

/** The same out of the flags of a record, in the shape of the pipeline of an answer's metadata. */
export function pipelineOf(flags: readonly string[]): z.output<typeof stepSchema>[] {
  return flags
    .filter((flag) => flag.startsWith(FLAG))
    .map((flag) => stepSchema.parse(JSON.parse(flag.slice(FLAG.length))));
}

/** The flags that say how a charge came to be. */
export function chargeFlags(flags: readonly string[]): string[] {
  return flags.filter((flag) => !flag.startsWith(FLAG));
}
