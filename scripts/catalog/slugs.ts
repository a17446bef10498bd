/** What a provider writes before a model's name: where it runs, and who made it. */
const BEDROCK_PREFIX = /^((us-gov|us|eu|apac|global|jp|au|ca|in)\.)?[a-z]+\./;
/** The maker's name before the model's; released on; the first version of an API; how it is quantized. */
const ADDITIONS = [/^nvidia-(?=nemotron)/, /-20\d{6}(?=$|-v)/, /-v1(:\d+)?$/, /-(fp8|nvfp4|bf16)$/];

/** Keys of names that mean a model which is called otherwise elsewhere. */
const SAME: Readonly<Record<string, string>> = {
  deepseekv3: 'deepseekchat',
  deepseekv30324: 'deepseekchatv30324',
  deepseekv31: 'deepseekchatv31',
  kimik2instruct: 'kimik2',
  kimik2instruct0905: 'kimik20905',
  musesparkopen816ba42b: 'musesparkopen',
  qwen3235ba22binstruct2507: 'qwen3235ba22b2507',
  qwen3coder: 'qwen3coder480ba35binstruct',
};

/** A model's name without everything in which providers differ: `meta.llama3-3-70b-instruct-v1:0` and `llama-3.3-70b-instruct` are one. */
export function modelKey(name: string): string {
  const bare = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const [base = '', variant] = bare.split(/:(free|extended|thinking)$/);
  const short = ADDITIONS.reduce((text, addition) => text.replace(addition, ''), base);
  const key = short.replaceAll(/[^a-z0-9]/g, '');
  return (SAME[key] ?? key) + (variant === undefined ? '' : `:${variant}`);
}

/** A name of a model in a provider's own form, without what that provider adds. */
export type NameForm = 'plain' | 'bedrock' | 'fireworks';

/** The name as it would be elsewhere. */
export function plainName(name: string, form: NameForm): string {
  if (form === 'bedrock') return name.replace(BEDROCK_PREFIX, '');
  if (form === 'fireworks') return name.replaceAll(/(\d)p(\d)/g, '$1.$2');
  return name;
}

/** Slugs by key. A key that means two models means none: a guess would sell one model for another. */
export function slugsByKey(slugs: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string | null>();
  for (const slug of slugs) found.set(modelKey(slug), found.has(modelKey(slug)) ? null : slug);
  return new Map([...found].flatMap(([key, slug]) => (slug === null ? [] : [[key, slug]])));
}

/** How the authors of models are called where models are named `Author/Model-Name`, as their slugs here. */
const authorOfHub: Readonly<Record<string, string>> = {
  'deepseek-ai': 'deepseek',
  qwen: 'qwen',
  minimaxai: 'minimax',
  moonshotai: 'moonshotai',
  'meta-llama': 'meta-llama',
  google: 'google',
  openai: 'openai',
  mistralai: 'mistralai',
  'stepfun-ai': 'stepfun',
  tencent: 'tencent',
  thinkingmachines: 'thinkingmachines',
  xiaomimimo: 'xiaomi',
  'zai-org': 'z-ai',
  nvidia: 'nvidia',
};

/** The slug of a model that only a hub of weights names, or null where its author is not known. */
export function slugOfHub(name: string): string | null {
  const [author = '', ...rest] = name.toLowerCase().split('/');
  const known = authorOfHub[author];
  const [model, ...more] = rest;
  return known === undefined || model === undefined || more.length > 0 ? null : `${known}/${model}`;
}
