// Written by `pnpm generate` from the files beside it that define a provider. Do not edit.
import { alibaba } from './alibaba.ts';
import { amazonBedrock } from './amazon-bedrock.ts';
import { antLing } from './ant-ling.ts';
import { anthropic } from './anthropic.ts';
import { arcee } from './arcee.ts';
import { avian } from './avian.ts';
import { azure } from './azure.ts';
import { baseten } from './baseten.ts';
import { cerebras } from './cerebras.ts';
import { cloudflare } from './cloudflare.ts';
import { cohere } from './cohere.ts';
import { deepinfra } from './deepinfra.ts';
import { deepseek } from './deepseek.ts';
import { doubleword } from './doubleword.ts';
import { fireworks } from './fireworks.ts';
import { googleAiStudio } from './google-ai-studio.ts';
import { googleVertex } from './google-vertex.ts';
import { groq } from './groq.ts';
import { huggingface } from './huggingface.ts';
import { litellm } from './litellm.ts';
import { minimax } from './minimax.ts';
import { mistral } from './mistral.ts';
import { moonshotai } from './moonshotai.ts';
import { novita } from './novita.ts';
import { nvidia } from './nvidia.ts';
import { ollama } from './ollama.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { ovhcloud } from './ovhcloud.ts';
import { perplexity } from './perplexity.ts';
import { together } from './together.ts';
import { vllm } from './vllm.ts';
import { xai } from './xai.ts';
import { xiaomi } from './xiaomi.ts';
import { zai } from './z-ai.ts';
import type { Provider } from './provider.ts';

/** The providers of this folder. */
export const registeredProviders: readonly Provider[] = [
  alibaba,
  amazonBedrock,
  antLing,
  anthropic,
  arcee,
  avian,
  azure,
  baseten,
  cerebras,
  cloudflare,
  cohere,
  deepinfra,
  deepseek,
  doubleword,
  fireworks,
  googleAiStudio,
  googleVertex,
  groq,
  huggingface,
  litellm,
  minimax,
  mistral,
  moonshotai,
  novita,
  nvidia,
  ollama,
  openaiCompatible,
  openai,
  openrouter,
  ovhcloud,
  perplexity,
  together,
  vllm,
  xai,
  xiaomi,
  zai,
];
