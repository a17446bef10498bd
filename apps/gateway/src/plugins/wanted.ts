import { AppError } from '@bourse/errors';
import type { PluginRequest, Prompt } from '@bourse/generation';
import { z } from 'zod';

/** How PDFs become text: by us, or not at all. */
export type PdfEngine = 'native' | 'pdf-text';

/** How the web is searched. */
export interface WebOptions {
  readonly resultsMax: number;
  readonly instruction: string | null;
  readonly includeDomains: readonly string[];
  readonly excludeDomains: readonly string[];
}

/** What a request wants of the plugins; null, or false, for one that stays away. */
export interface Wanted {
  /** Null: as seems best for the model. */
  readonly pdfEngine: PdfEngine | null;
  readonly isHealed: boolean;
  readonly web: WebOptions | null;
  /** `small`: only where no endpoint of the model reads more than a little, as OpenRouter does unasked. */
  readonly compression: 'always' | 'small' | 'never';
}

/** OpenRouter's bound for what is compressed unasked (its guide to message transforms, read 2026-08). */
export const SMALL_CONTEXT_TOKENS = 8_192;

const PDF_ENGINES: readonly PdfEngine[] = ['native', 'pdf-text'];

/** What exists. The router is asked by name, and answered where routes are planned. */
const PLUGINS: ReadonlySet<string> = new Set([
  'web',
  'file-parser',
  'response-healing',
  'context-compression',
  'auto-router',
]);

function wrong(path: string, sentence: string, available: readonly string[]): AppError {
  return new AppError('invalid_request', `${sentence} There are: ${available.join(', ')}.`, {
    metadata: { path, available },
  });
}

const fileParserOptions = z.looseObject({ pdf: z.looseObject({ engine: z.string().nullish() }).nullish() });
const compressionOptions = z.looseObject({ engine: z.string().nullish() });

const DOMAIN = /^(?:\*\.)?(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;
const domains = z.array(z.string().max(253).regex(DOMAIN)).max(20).nullish();
/** OpenRouter's default of results, and a bound of ours: each is read by the model and paid. */
const RESULTS_DEFAULT = 5;
const RESULTS_MAX = 10;
const webOptions = z.looseObject({
  engine: z.string().nullish(),
  max_results: z.int().min(1).max(RESULTS_MAX).nullish(),
  search_prompt: z.string().max(4_000).nullish(),
  include_domains: domains,
  exclude_domains: domains,
});

function webOf(plugin: PluginRequest | undefined): WebOptions | null {
  if (plugin?.isEnabled !== true) return null;
  const asked = optionsOf(webOptions, plugin);
  if (asked.engine && asked.engine !== 'exa') {
    const path = 'plugins.web.engine';
    throw wrong(path, `${path} ${JSON.stringify(asked.engine.slice(0, 64))} is not offered here.`, ['exa']);
  }
  return {
    resultsMax: asked.max_results ?? RESULTS_DEFAULT,
    instruction: asked.search_prompt || null,
    includeDomains: asked.include_domains ?? [],
    excludeDomains: asked.exclude_domains ?? [],
  };
}

function optionsOf<Schema extends z.ZodType>(schema: Schema, { id, options }: PluginRequest): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = ['plugins', id, ...(issue?.path ?? [])].map(String).join('.');
  throw new AppError('invalid_request', `${path} has none of the accepted forms.`, { metadata: { path } });
}

function pdfEngineOf(plugin: PluginRequest | undefined): PdfEngine | null {
  if (plugin === undefined) return null;
  if (!plugin.isEnabled) return 'native';
  const asked = optionsOf(fileParserOptions, plugin).pdf?.engine ?? null;
  if (asked === null) return null;
  const engine = PDF_ENGINES.find((known) => known === asked);
  if (engine !== undefined) return engine;
  const path = 'plugins.file-parser.pdf.engine';
  throw wrong(path, `${path} ${JSON.stringify(asked.slice(0, 64))} is not offered here.`, PDF_ENGINES);
}

function compressionOf(plugin: PluginRequest | undefined): Wanted['compression'] {
  if (plugin === undefined) return 'small';
  if (!plugin.isEnabled) return 'never';
  const { engine } = optionsOf(compressionOptions, plugin);
  if (engine && engine !== 'middle-out') {
    const path = 'plugins.context-compression.engine';
    throw wrong(path, `${path} ${JSON.stringify(engine.slice(0, 64))} is not offered here.`, ['middle-out']);
  }
  return 'always';
}

/** Reads what was asked for. Throws 400 for a plugin that does not exist, with those that do. */
export function wantedOf({ plugins = [] }: Prompt): Wanted {
  for (const { id, isEnabled } of plugins) {
    if (isEnabled && !PLUGINS.has(id)) {
      throw wrong('plugins', `There is no plugin ${JSON.stringify(id)}.`, [...PLUGINS]);
    }
  }
  const named = (id: string) => plugins.find((plugin) => plugin.id === id);
  return {
    pdfEngine: pdfEngineOf(named('file-parser')),
    web: webOf(named('web')),
    isHealed: named('response-healing')?.isEnabled === true,
    compression: compressionOf(named('context-compression')),
  };
}
