/**
 * One API, many models behind it: what Converse itself leaves to the model. Told by the model's name at the provider, because nothing else
 * of an endpoint says it.
 */
export interface ConverseTraits {
  /** Claude signs what it thinks, and wants it back. */
  readonly family: 'claude' | 'nova' | 'gpt-oss' | 'other';
  /** How the model is told to think: by a budget, by itself with an effort, as Nova 2, by a bare effort, or not at all. */
  readonly thinking: 'budget' | 'adaptive' | 'nova' | 'effort' | 'none';
  /** The choices of tools that it takes beside leaving it to the model: any or a certain one, any, none. */
  readonly toolChoices: 'all' | 'any' | 'none';
  /** Takes a JSON schema for its answer, and strict tools; the others are given the schema as a tool. */
  readonly hasOutputConfig: boolean;
  /** Refuses no cache points. */
  readonly hasCachePoints: boolean;
  /** Claude 4 takes one of temperature and top_p, and from 4.7 on it takes neither. */
  readonly sampling: 'all' | 'one' | 'none';
}

const OTHER: ConverseTraits = {
  family: 'other',
  thinking: 'none',
  toolChoices: 'none',
  hasOutputConfig: false,
  hasCachePoints: false,
  sampling: 'all',
};

/** `claude-3-7-sonnet`, `claude-sonnet-4-20250514`, `claude-opus-4-6-v1:0`, `claude-opus-5`: the digits of a date are no minor version. */
const CLAUDE = /claude-(?:[a-z]+-)?v?(\d)(?:-(\d)(?!\d))?/;

/**
 * Claude by version, from the pages on extended thinking, adaptive thinking, prompt caching and structured output in
 * https://docs.aws.amazon.com/bedrock/latest/userguide and https://platform.claude.com/docs/en/about-claude/models, read 2026-11.
 */
function claudeTraits(version: number): ConverseTraits {
  return {
    family: 'claude',
    thinking: version >= 4.6 ? 'adaptive' : version >= 3.7 ? 'budget' : 'none',
    toolChoices: 'all',
    hasOutputConfig: version >= 4.5,
    hasCachePoints: version >= 3.7,
    sampling: version >= 4.7 ? 'none' : version >= 4 ? 'one' : 'all',
  };
}

/** The traits of a model by its name at Bedrock: an id, an inference profile, or the ARN of either. */
export function traitsOf(upstreamModel: string): ConverseTraits {
  const claude = CLAUDE.exec(upstreamModel);
  if (claude !== null) return claudeTraits(Number(`${claude[1]}.${claude[2] ?? 0}`));
  if (upstreamModel.includes('amazon.nova')) {
    const thinking = upstreamModel.includes('nova-2') ? 'nova' : 'none';
    return { ...OTHER, family: 'nova', thinking, toolChoices: 'all', hasCachePoints: true };
  }
  // Who takes which choice: API_runtime_ToolChoice.html and the user guide on tool use, read 2026-11.
  if (upstreamModel.includes('mistral-large')) return { ...OTHER, toolChoices: 'any' };
  return upstreamModel.includes('gpt-oss') ? { ...OTHER, family: 'gpt-oss', thinking: 'effort' } : OTHER;
}
