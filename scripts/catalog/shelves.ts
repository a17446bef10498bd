import type { NameForm } from './slugs.ts';

/** One provider's list in a source, and what to know of it. */
export interface Shelf {
  /** Our slug. */
  readonly provider: string;
  readonly source: 'pi-ai' | 'genai-prices';
  /** The source's name for the provider. */
  readonly list: string;
  /** The provider's own price list, which the source reads. */
  readonly url: string;
  readonly names: NameForm;
  /** Upstream names that are left out: not models of their own, or sold by meters that the source does not price. */
  readonly leavesOut?: RegExp;
  /** Upstream names that mean a model whose slug says something else. */
  readonly slugs?: Readonly<Record<string, string>>;
  /** What the provider appends to a model's name to have it served by one company, whose price it then is; the tag of the endpoints is `provider/company`. */
  readonly company?: string;
  /** Its prices depend on who serves behind it: it describes models and sells none. */
  readonly isForFacts?: true;
  /** Its models are called `Author/Model-Name`, and are ours by that name where nobody else sells them. */
  readonly isHub?: true;
}

/** Moving names, tiers and regions of models that are listed by themselves. */
const MOVING =
  /latest|-spot$|-fast$|ultrafast|\/routers\/|codex-spark|daybreak|cyber|preview-04-2026|computer-use|robotics|labs-/;

/** Hugging Face routes to other companies; `model:company` names one, and has its price (https://huggingface.co/docs/inference-providers, read 2026-11). */
const behindHuggingface: readonly Shelf[] = [
  'cerebras',
  'fireworks-ai',
  'groq',
  'hyperbolic',
  'nebius',
  'novita',
  'nscale',
  'ovhcloud',
  'publicai',
  'sambanova',
  'together',
].map((company) => ({
  provider: 'huggingface',
  source: 'genai-prices',
  list: `huggingface_${company}`,
  url: 'https://router.huggingface.co/v1/models',
  names: 'plain',
  company,
}));

/** Where endpoints come from beside the files that are curated by hand, which win. In the order in which they may name a model first. */
export const shelves: readonly Shelf[] = [
  {
    provider: 'openrouter',
    source: 'pi-ai',
    list: 'openrouter',
    url: 'https://openrouter.ai/models',
    names: 'plain',
    // Batches, moving names and routers are no models; pictures and sound are sold by meters that the source does not price.
    leavesOut: /^~|latest$|:batch$|^auto$|^openrouter\/|^typesafe\/|-image|banana|gpt-audio|customtools$/,
  },
  {
    provider: 'openai',
    source: 'pi-ai',
    list: 'openai',
    url: 'https://developers.openai.com/api/docs/pricing',
    names: 'plain',
    leavesOut: MOVING,
  },
  {
    provider: 'anthropic',
    source: 'pi-ai',
    list: 'anthropic',
    url: 'https://www.anthropic.com/pricing#api',
    names: 'plain',
    leavesOut: MOVING,
  },
  {
    provider: 'azure',
    source: 'pi-ai',
    list: 'azure',
    url: 'https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/#pricing',
    names: 'plain',
    // The pro and Codex models speak the Responses API alone, which is not asked for them here. DeepSeek's is another API of Azure's.
    leavesOut: /latest|codex|daybreak|cyber|-pro$|^deepseek/,
  },
  {
    provider: 'google-ai-studio',
    source: 'pi-ai',
    list: 'google',
    url: 'https://ai.google.dev/gemini-api/docs/pricing',
    names: 'plain',
    leavesOut: MOVING,
  },
  {
    provider: 'google-vertex',
    source: 'pi-ai',
    list: 'google-vertex',
    url: 'https://cloud.google.com/vertex-ai/generative-ai/pricing',
    names: 'plain',
    leavesOut: /customtools$/,
  },
  {
    provider: 'amazon-bedrock',
    source: 'pi-ai',
    list: 'amazon-bedrock',
    url: 'https://aws.amazon.com/bedrock/pricing/',
    names: 'bedrock',
    leavesOut: /^(us-gov|eu|apac|jp|au|ca|in)\./,
    slugs: {
      'deepseek.v3.2': 'deepseek/deepseek-v3.2',
      'mistral.magistral-small-2509': 'mistralai/magistral-small-2509',
      'mistral.mistral-large-3-675b-instruct': 'mistralai/mistral-large-2512',
      'mistral.pixtral-large-2502-v1:0': 'mistralai/pixtral-large-2502',
      'mistral.voxtral-mini-3b-2507': 'mistralai/voxtral-mini-3b-2507',
      'google.gemma-4-26b-a4b': 'google/gemma-4-26b-a4b-it',
      'google.gemma-4-31b': 'google/gemma-4-31b-it',
      'google.gemma-4-e2b': 'google/gemma-4-e2b-it',
      'meta.llama4-maverick-17b-instruct-v1:0': 'meta-llama/llama-4-maverick',
      'meta.llama4-scout-17b-instruct-v1:0': 'meta-llama/llama-4-scout',
      'minimax.minimax-m2': 'minimax/minimax-m2',
      'minimax.minimax-m2.1': 'minimax/minimax-m2.1',
      'nvidia.nemotron-nano-12b-v2': 'nvidia/nemotron-nano-12b-v2',
      'nvidia.nemotron-nano-9b-v2': 'nvidia/nemotron-nano-9b-v2',
      'nvidia.nemotron-nano-3-30b': 'nvidia/nemotron-3-nano-30b-a3b',
      'nvidia.nemotron-super-3-120b': 'nvidia/nemotron-3-super-120b-a12b',
      'openai.gpt-oss-safeguard-120b': 'openai/gpt-oss-safeguard-120b',
      'qwen.qwen3-235b-a22b-2507-v1:0': 'qwen/qwen3-235b-a22b-2507',
      'qwen.qwen3-next-80b-a3b': 'qwen/qwen3-next-80b-a3b-instruct',
      'qwen.qwen3-coder-next': 'qwen/qwen3-coder-next',
      'writer.palmyra-x4-v1:0': 'writer/palmyra-x4',
      'writer.palmyra-x5-v1:0': 'writer/palmyra-x5',
      'mistral.devstral-2-123b': 'mistralai/devstral-2512',
      'mistral.ministral-3-14b-instruct': 'mistralai/ministral-14b-2512',
      'mistral.ministral-3-3b-instruct': 'mistralai/ministral-3b-2512',
      'mistral.ministral-3-8b-instruct': 'mistralai/ministral-8b-2512',
    },
  },
  {
    provider: 'huggingface',
    source: 'pi-ai',
    list: 'huggingface',
    url: 'https://huggingface.co/inference/models',
    names: 'plain',
    isHub: true,
    isForFacts: true,
  },
  {
    provider: 'together',
    source: 'pi-ai',
    list: 'together',
    url: 'https://www.together.ai/pricing',
    names: 'plain',
    isHub: true,
  },
  {
    provider: 'fireworks',
    source: 'pi-ai',
    list: 'fireworks',
    url: 'https://fireworks.ai/pricing',
    names: 'fireworks',
    leavesOut: MOVING,
  },
  {
    provider: 'baseten',
    source: 'pi-ai',
    list: 'baseten',
    url: 'https://www.baseten.co/pricing/',
    names: 'plain',
  },
  {
    provider: 'mistral',
    source: 'pi-ai',
    list: 'mistral',
    url: 'https://mistral.ai/pricing/api',
    names: 'plain',
    leavesOut: MOVING,
    slugs: { 'mistral-large-4': 'mistralai/mistral-large-4-0', 'open-mistral-nemo': 'mistralai/mistral-nemo' },
  },
  {
    provider: 'groq',
    source: 'pi-ai',
    list: 'groq',
    url: 'https://groq.com/pricing',
    names: 'plain',
    slugs: {
      'llama-3.1-8b-instant': 'meta-llama/llama-3.1-8b-instruct',
      'llama-3.3-70b-versatile': 'meta-llama/llama-3.3-70b-instruct',
    },
  },
  { provider: 'xai', source: 'pi-ai', list: 'xai', url: 'https://docs.x.ai/docs/models', names: 'plain' },
  {
    provider: 'moonshotai',
    source: 'pi-ai',
    list: 'moonshotai',
    url: 'https://platform.kimi.ai/docs/models.md',
    names: 'plain',
  },
  {
    provider: 'minimax',
    source: 'pi-ai',
    list: 'minimax',
    url: 'https://platform.minimax.io/docs/guides/pricing-paygo',
    names: 'plain',
  },
  {
    provider: 'deepseek',
    source: 'pi-ai',
    list: 'deepseek',
    url: 'https://api-docs.deepseek.com/quick_start/pricing',
    names: 'plain',
  },
  {
    provider: 'cerebras',
    source: 'pi-ai',
    list: 'cerebras',
    url: 'https://www.cerebras.ai/pricing#pricing',
    names: 'plain',
  },
  {
    provider: 'cloudflare',
    source: 'pi-ai',
    list: 'cloudflare-workers-ai',
    url: 'https://developers.cloudflare.com/workers-ai/platform/pricing/',
    names: 'plain',
    slugs: {
      '@cf/meta/llama-3.3-70b-instruct-fp8-fast': 'meta-llama/llama-3.3-70b-instruct',
      '@cf/meta/llama-4-scout-17b-16e-instruct': 'meta-llama/llama-4-scout',
      '@cf/nvidia/nemotron-3-120b-a12b': 'nvidia/nemotron-3-super-120b-a12b',
    },
  },
  {
    provider: 'xiaomi',
    source: 'pi-ai',
    list: 'xiaomi',
    url: 'https://platform.xiaomimimo.com/#/docs/pricing',
    names: 'plain',
  },
  {
    provider: 'ant-ling',
    source: 'pi-ai',
    list: 'ant-ling',
    url: 'https://developer.ant-ling.com',
    names: 'plain',
    slugs: {
      'Ling-2.6-1T': 'inclusionai/ling-2.6-1t',
      'Ling-2.6-flash': 'inclusionai/ling-2.6-flash',
      'Ring-2.6-1T': 'inclusionai/ring-2.6-1t',
    },
  },
  ...behindHuggingface,
  { provider: 'avian', source: 'genai-prices', list: 'avian', url: 'https://avian.io/pricing/', names: 'plain' },
  {
    provider: 'arcee',
    source: 'genai-prices',
    list: 'arcee',
    url: 'https://docs.arcee.ai/get-started/pricing',
    names: 'plain',
    leavesOut: /latest$/,
  },
  {
    provider: 'doubleword',
    source: 'genai-prices',
    list: 'doubleword',
    url: 'https://docs.doubleword.ai/inference-api/models',
    names: 'plain',
    leavesOut: /embedding/i,
    slugs: {
      'mistralai/Devstral-2-123B-Instruct-2512': 'mistralai/devstral-2512',
      'nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4': 'nvidia/nemotron-3-super-120b-a12b',
    },
  },
];
