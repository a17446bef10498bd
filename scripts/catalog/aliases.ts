/** A family of models whose newest member has a moving name. */
interface Family {
  readonly alias: string;
  readonly name: string;
  /** Its members; the first group is the version, by which the newest is found. */
  readonly members: RegExp;
}

const VERSION = String.raw`(\d+(?:\.\d+)*)`;

function family(author: string, stem: string, [name, pattern]: readonly [string, string]): Family {
  const members = new RegExp(`^${author}/${pattern.replace('#', VERSION)}$`);
  return { alias: `~${author}/${stem}-latest`, name, members };
}

const families: readonly Family[] = [
  family('anthropic', 'claude-opus', ['Anthropic: Claude Opus Latest', 'claude-opus-#']),
  family('anthropic', 'claude-sonnet', ['Anthropic: Claude Sonnet Latest', 'claude-sonnet-#']),
  family('anthropic', 'claude-haiku', ['Anthropic: Claude Haiku Latest', 'claude-haiku-#']),
  family('anthropic', 'claude-fable', ['Anthropic: Claude Fable Latest', 'claude-fable-#']),
  family('openai', 'gpt-sol', ['OpenAI: GPT Sol Latest', 'gpt-#-sol']),
  family('openai', 'gpt-terra', ['OpenAI: GPT Terra Latest', 'gpt-#-terra']),
  family('openai', 'gpt-luna', ['OpenAI: GPT Luna Latest', 'gpt-#-luna']),
  family('openai', 'gpt-astra', ['OpenAI: GPT Astra Latest', 'gpt-#-astra']),
  family('openai', 'gpt-mini', ['OpenAI: GPT Mini Latest', 'gpt-#-mini']),
  family('google', 'gemini-flash', ['Google: Gemini Flash Latest', 'gemini-#-flash']),
  family('google', 'gemini-flash-lite', ['Google: Gemini Flash Lite Latest', 'gemini-#-flash-lite']),
  // 4.20 is a 4.2: xAI counts in tenths.
  { alias: '~x-ai/grok-latest', name: 'xAI: Grok Latest', members: /^x-ai\/grok-(\d+\.\d)$/ },
  family('deepseek', 'deepseek-flash', ['DeepSeek: Flash Latest', 'deepseek-v#-flash']),
  family('deepseek', 'deepseek-pro', ['DeepSeek: Pro Latest', 'deepseek-v#-pro']),
  family('moonshotai', 'kimi', ['Moonshot AI: Kimi Latest', 'kimi-k#(?:-pro)?']),
  family('z-ai', 'glm', ['Z.ai: GLM Latest', 'glm-#']),
  family('z-ai', 'glm-flash', ['Z.ai: GLM Flash Latest', 'glm-#-flash']),
  family('minimax', 'minimax', ['MiniMax: Latest', 'minimax-m#(?:-flash)?']),
  family('mistralai', 'mistral-medium', ['Mistral: Medium Latest', 'mistral-medium-#']),
  family('qwen', 'qwen-plus', ['Qwen: Plus Latest', 'qwen#-plus']),
  family('qwen', 'qwen-flash', ['Qwen: Flash Latest', 'qwen#-flash']),
  family('xiaomi', 'mimo-pro', ['Xiaomi: MiMo Pro Latest', 'mimo-v#-pro']),
];

function newer(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let index = 0; index < 4; index += 1) {
    const difference = (right?.[index] ?? 0) - (left?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The moving names of the families that have members among these slugs, each with its newest member. */
export function aliasesOf(slugs: readonly string[]): readonly { alias: string; name: string; model: string }[] {
  return families.flatMap(({ alias, name, members }) => {
    const found = slugs.flatMap((slug) => {
      const version = members.exec(slug)?.[1];
      return version === undefined ? [] : { slug, version };
    });
    const [newest] = found.toSorted((a, b) => newer(a.version, b.version) || (a.slug < b.slug ? -1 : 1));
    return newest === undefined ? [] : { alias, name, model: newest.slug };
  });
}
