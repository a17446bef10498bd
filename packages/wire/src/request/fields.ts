import type { WireFormatId } from '@bourse/generation';

/**
 * The request fields that need a decision. Everything else that a client sends is either a field of OpenAI's own (passed
 * on as it came) or unknown (an extension, passed on as well).
 */

/** OpenRouter's `supported_parameters` vocabulary: what an endpoint may or may not support. */
export const parameterNames = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'top_a',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'max_tokens',
  'max_completion_tokens',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'prediction',
  'seed',
  'response_format',
  'structured_outputs',
  'stop',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'include_reasoning',
  'reasoning',
  'reasoning_effort',
  'web_search_options',
  'verbosity',
] as const;

/** Fields that speak to the marketplace, not to the model: never sent to a provider. */
const OURS = [
  'models',
  'provider',
  'route',
  'preset',
  'plugins',
  'usage',
  'transforms',
  'session_id',
  'trace',
  'include_reasoning',
  'reasoning',
  'max_cost',
  'debug',
  'prompt',
  'max_tool_calls',
  'stop_server_tools_when',
];

/**
 * Fields with which a client could steer a proxy that we call: its host, its credentials, its mocks, its own fallbacks.
 * LiteLLM takes them from the body (CVE-2024-6587: `api_base` sent the operator's key to an attacker's host).
 */
const STEERING = [
  'api_base',
  'base_url',
  'api_key',
  'api_type',
  'api_version',
  'extra_headers',
  'extra_body',
  'extra_query',
  'headers',
  'default_headers',
  'organization',
  'custom_llm_provider',
  'deployment_id',
  'model_list',
  'model_info',
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'num_retries',
  'timeout',
  'success_callback',
  'failure_callback',
  'callbacks',
  'guardrails',
  'no-log',
  'proxy_server_request',
  'configurable_clientside_auth_params',
];

const NEVER_FORWARDED: ReadonlySet<string> = new Set([...OURS, ...STEERING]);
const STEERING_PREFIX = /^(?:mock_|litellm_|aws_|vertex_|azure_|langfuse_|use_(?:litellm|in_pass)_)/;

/** False for fields that no provider may ever see. */
export function isForwarded(field: string): boolean {
  return !NEVER_FORWARDED.has(field) && !STEERING_PREFIX.test(field);
}

const CHAT_FIELDS = [
  ...parameterNames,
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'user',
  'metadata',
  'store',
  'service_tier',
  'modalities',
  'audio',
  'functions',
  'function_call',
  'cache_control',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
];

/** `model`, `stream` and what speaks to the marketplace are put into the body beside Google's own fields. */
const GEMINI_FIELDS = [
  'model',
  'stream',
  'user',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'service_tier',
  'generationConfig',
  'cachedContent',
];

const RESPONSES_FIELDS = [
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'max_output_tokens',
  'max_tool_calls',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'text',
  'include',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'top_logprobs',
  'modalities',
  'metadata',
  'store',
  'background',
  'truncation',
  'previous_response_id',
  'conversation',
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
];

const MESSAGES_FIELDS = [
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'cache_control',
  'metadata',
  'service_tier',
  'speed',
  'inference_geo',
  'user',
];

/** The fields of each dialect that a request of it is decoded from. */
const KNOWN: Readonly<Partial<Record<WireFormatId, ReadonlySet<string>>>> = {
  'anthropic-messages': new Set(MESSAGES_FIELDS),
  'openai-chat': new Set(CHAT_FIELDS),
  'openai-responses': new Set(RESPONSES_FIELDS),
  gemini: new Set(GEMINI_FIELDS),
};

/** True for a field of the dialect, false for an extension. */
export function isKnown(field: string, wire: WireFormatId): boolean {
  return KNOWN[wire]?.has(field) ?? false;
}
