import { cerebras } from './cerebras.ts';
import { deepinfra } from './deepinfra.ts';
import { deepseek } from './deepseek.ts';
import { fireworks } from './fireworks.ts';
import { groq } from './groq.ts';
import { mistral } from './mistral.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openrouter } from './openrouter.ts';
import type { Provider } from './provider.ts';
import { sandboxProviders } from './sandbox.ts';
import { together } from './together.ts';
import { xai } from './xai.ts';

const providers: readonly Provider[] = [
  cerebras,
  deepinfra,
  deepseek,
  fireworks,
  groq,
  mistral,
  openai,
  openaiCompatible,
  openrouter,
  together,
  xai,
  ...sandboxProviders,
];

/** Every provider that we can call, by id. A provider is routable when a credential is configured for it as well. */
export const providerRegistry: ReadonlyMap<string, Provider> = new Map(
  providers.map((provider) => [provider.id, provider]),
);
