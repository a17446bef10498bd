/**
 * @bourse/catalog/data — the maintained data, for whoever fills a database. Kept apart from the package's main door because
 * it is large, and a running gateway reads the catalog from its database.
 */
import aliases from '../data/aliases.json' with { type: 'json' };
import amazonBedrock from '../data/amazon-bedrock.json' with { type: 'json' };
import anthropic from '../data/anthropic.json' with { type: 'json' };
import authors from '../data/authors.json' with { type: 'json' };
import baseten from '../data/baseten.json' with { type: 'json' };
import cerebras from '../data/cerebras.json' with { type: 'json' };
import cloudflare from '../data/cloudflare.json' with { type: 'json' };
import cohere from '../data/cohere.json' with { type: 'json' };
import cohereCurated from '../data/cohere-curated.json' with { type: 'json' };
import deepseek from '../data/deepseek.json' with { type: 'json' };
import extractedAuthors from '../data/extracted/authors.json' with { type: 'json' };
import extractedFacts from '../data/extracted/facts.json' with { type: 'json' };
import extractedModels from '../data/extracted/models.json' with { type: 'json' };
import extractedOffers from '../data/extracted/offers.json' with { type: 'json' };
import fireworks from '../data/fireworks.json' with { type: 'json' };
import googleAiStudio from '../data/google-ai-studio.json' with { type: 'json' };
import groq from '../data/groq.json' with { type: 'json' };
import minimax from '../data/minimax.json' with { type: 'json' };
import mistral from '../data/mistral.json' with { type: 'json' };
import models from '../data/models.json' with { type: 'json' };
import moonshotai from '../data/moonshotai.json' with { type: 'json' };
import novita from '../data/novita.json' with { type: 'json' };
import openai from '../data/openai.json' with { type: 'json' };
import openaiCurated from '../data/openai-curated.json' with { type: 'json' };
import ovhcloud from '../data/ovhcloud.json' with { type: 'json' };
import perplexity from '../data/perplexity.json' with { type: 'json' };
import providers from '../data/providers.json' with { type: 'json' };
import sandbox from '../data/sandbox.json' with { type: 'json' };
import together from '../data/together.json' with { type: 'json' };
import xai from '../data/xai.json' with { type: 'json' };
import zAi from '../data/z-ai.json' with { type: 'json' };
import type { CatalogData } from './build-snapshot.ts';
import { type CatalogFiles, parseCatalogFiles } from './parse-data.ts';

export { buildSnapshot, type CatalogData } from './build-snapshot.ts';
export { withOwnCatalog } from './own-catalog.ts';
export { type CatalogFiles, parseCatalogFiles } from './parse-data.ts';

const offers = [
  amazonBedrock,
  anthropic,
  baseten,
  cerebras,
  cloudflare,
  cohere,
  cohereCurated,
  deepseek,
  fireworks,
  googleAiStudio,
  groq,
  minimax,
  mistral,
  moonshotai,
  novita,
  openai,
  openaiCurated,
  ovhcloud,
  perplexity,
  together,
  xai,
  zAi,
];

/** The files that are curated by hand, with prices that `pnpm catalog:extract` takes from their sources; raw. */
export const curatedFiles: CatalogFiles = { authors, providers, models, aliases, offers, sandbox };

/**
 * The whole maintained catalog: real authors, models, providers and endpoints with prices, and the sandbox market.
 * Validated on every call (some ten milliseconds). Throws ZodError with the path of a wrong field in a data file.
 */
export function loadCatalogData(): CatalogData {
  const extracted = {
    authors: extractedAuthors,
    models: extractedModels,
    facts: extractedFacts,
    offers: extractedOffers,
  };
  return parseCatalogFiles({ ...curatedFiles, extracted });
}
