import type { EndpointHealth } from '../src/health.ts';
import type { OwnCredential, PlanInput } from '../src/types.ts';
import { tools } from './plan-market.ts';

/** What a case changes besides the request. */
export interface Circumstances {
  readonly health?: Readonly<Record<string, Partial<EndpointHealth>>>;
  /** 0 draws the cheapest, 0.9999 the dearest. */
  readonly draw?: number;
  readonly sticky?: string;
  readonly region?: string;
  readonly configured?: readonly string[];
  readonly stopped?: string;
  readonly lacking?: readonly [tag: string, feature: string];
  readonly own?: Readonly<Record<string, readonly OwnCredential[]>>;
  readonly shares?: Readonly<Record<string, number>>;
  readonly markupBps?: PlanInput['markupBpsDefault'];
}

/**
 * A request's body beside its one message and `model: "maker/one"`, and what the plan must be: the tags in order, each with its reason
 * after `=` where that matters and its model before `@` where that is not `maker/one`; after `|` all that was left out for a wish. Or `!`, the
 * availability code, a word of `excluded_by` (`-` for none) and what the message must say.
 */
export type PlanCase = readonly [body: Readonly<Record<string, unknown>>, expected: string, beside?: Circumstances];

const tool = { type: 'function', function: { name: 'f' } };
const picture = { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.test/b.png' } }] };
const long = { messages: [{ role: 'user', content: 'a'.repeat(2_000_000) }] };
const schema = { response_format: { type: 'json_schema', json_schema: { name: 's' } } };
const out: Partial<EndpointHealth> = { isOut: true };
const up = (uptime: number): Partial<EndpointHealth> => ({ uptime });
const [a, b, c] = ['maker/one@alpha', 'maker/one@beta', 'maker/one@gamma'];
const key = (id: string, rank: OwnCredential['rank'], position = 0): OwnCredential => {
  return { id, rank, position, isExclusive: false };
};
const auto = (options: object) => ({ model: 'bourse/auto', plugins: [{ id: 'auto-router', ...options }] });
const well = {
  'maker/tools@t1': tools(0.99, 100),
  'maker/tools@t2': tools(0.985, 102),
  'maker/tools@t3': tools(0.99, 98),
};

/** The market's own order. */
export const orderCases: readonly PlanCase[] = [
  [{}, 'alpha=price_weighted beta=by_price gamma=by_price'],
  [{}, 'gamma=price_weighted alpha=by_price beta=by_price', { draw: 0.9999 }],
  [{}, 'beta=price_weighted alpha gamma', { draw: 0.8 }],
  [{}, 'beta=price_weighted gamma alpha=recent_outage_last', { health: { [a]: out } }],
  [{}, 'alpha=recent_outage_last beta gamma', { health: { [a]: out, [b]: out, [c]: out } }],
  [{}, 'alpha gamma beta=uptime_degraded', { health: { [b]: up(0.94) } }],
  [{}, 'alpha beta gamma', { health: { [b]: up(0.95) } }],
  [{}, 'beta gamma alpha=uptime_degraded', { health: { [a]: up(0.8) } }],
  [{}, 'gamma alpha=uptime_degraded beta=uptime_poor', { health: { [a]: up(0.85), [b]: up(0.79) } }],
  [
    {},
    'alpha=uptime_poor beta=recent_outage_last gamma=recent_outage_last',
    { health: { [a]: up(0.1), [b]: out, [c]: out } },
  ],
  [{}, 'alpha=uptime_degraded beta=uptime_degraded gamma', { health: { [a]: up(0.9), [b]: up(0.9), [c]: up(0.9) } }],
];

/** Lists of names. */
export const nameCases: readonly PlanCase[] = [
  [{ provider: { order: ['gamma'] } }, 'gamma=order alpha=price_weighted beta=by_price'],
  [{ provider: { order: ['beta', 'nobody', 'ALPHA'] } }, 'beta=order alpha=order gamma'],
  [{ provider: { order: ['alpha/flex'] } }, 'alpha/flex=order alpha beta gamma'],
  [{ provider: { order: ['beta'] } }, 'beta=order gamma alpha', { health: { [a]: out, [b]: out } }],
  [{ provider: { order: ['gamma'], sort: 'latency' } }, 'gamma=order beta=sorted_by_latency alpha'],
  [{ provider: { order: [] } }, 'alpha beta gamma'],
  [{ provider: { only: ['beta'] } }, 'beta | alpha:not_in_only gamma:not_in_only'],
  [{ provider: { only: ['Beta', 'gamma'] } }, 'beta gamma | alpha:not_in_only'],
  [{ provider: { only: ['alpha/priority'] } }, 'alpha/priority | alpha:not_in_only beta:not_in_only gamma:not_in_only'],
  [{ provider: { only: ['alpha/flex', 'alpha'] } }, 'alpha/flex alpha | beta:not_in_only gamma:not_in_only'],
  [{ provider: { only: [] } }, 'alpha beta gamma |'],
  [{ provider: { only: ['nobody'] } }, '! constraint_filtered allowed_providers add its provider to provider.only'],
  [{ provider: { ignore: ['alpha'] } }, 'beta gamma | alpha:provider_ignored'],
  [{ provider: { ignore: ['ALPHA', 'beta'] } }, 'gamma | alpha:provider_ignored beta:provider_ignored'],
  [
    { provider: { ignore: ['alpha', 'beta', 'gamma'] } },
    '! constraint_filtered allowed_providers remove its provider from provider.ignore',
  ],
  [
    { model: 'maker/one:nitro', provider: { ignore: ['alpha'] } },
    'gamma beta | alpha:provider_ignored alpha/priority:provider_ignored',
  ],
  [{ provider: { only: ['alpha'], ignore: ['alpha'] } }, '! constraint_filtered allowed_providers provider.ignore'],
  [{ provider: { allow_fallbacks: false } }, 'alpha | beta:fallbacks_disallowed gamma:fallbacks_disallowed'],
  [
    { provider: { allow_fallbacks: false, sort: 'throughput' } },
    'gamma | alpha:fallbacks_disallowed beta:fallbacks_disallowed',
  ],
  [{ provider: { allow_fallbacks: false, order: ['gamma', 'beta'] } }, 'gamma beta | alpha:not_in_order'],
  [
    { provider: { allow_fallbacks: false, order: ['nobody'] } },
    '! constraint_filtered allowed_providers set provider.allow_fallbacks to true or extend provider.order',
  ],
  [{ provider: { allow_fallbacks: true } }, 'alpha beta gamma |'],
];

/** Filters. */
export const filterCases: readonly PlanCase[] = [
  [{ top_p: 1, provider: { require_parameters: true } }, 'alpha beta gamma |'],
  [
    { verbosity: 'low', provider: { require_parameters: true } },
    'beta | alpha:require_parameters gamma:require_parameters',
  ],
  [{ max_completion_tokens: 9, provider: { require_parameters: true } }, 'alpha beta gamma |'],
  [{ logprobs: true, provider: { require_parameters: false } }, 'alpha beta gamma |'],
  [
    { seed: 1, provider: { require_parameters: true } },
    '! constraint_filtered require_parameters remove the parameter or set provider.require_parameters to false',
  ],
  [{ provider: { data_collection: 'deny' } }, 'alpha beta | gamma:data_policy_training'],
  [{ provider: { data_collection: 'allow' } }, 'alpha beta gamma |'],
  [
    { provider: { data_collection: 'deny', only: ['gamma'] } },
    '! constraint_filtered data_policy:training set provider.data_collection to "allow"',
  ],
  [
    { model: 'maker/three', provider: { data_collection: 'deny' } },
    '! privacy_restricted data_policy:training provider.data_collection',
  ],
  [{ provider: { zdr: true } }, 'alpha | beta:data_policy_zdr gamma:data_policy_zdr'],
  [{ provider: { zdr: false } }, 'alpha beta gamma |'],
  [{ model: 'maker/three', provider: { zdr: true } }, '! privacy_restricted data_policy:zdr set provider.zdr to false'],
  [{ provider: { regions: ['us'] } }, 'alpha | beta:data_region gamma:data_region'],
  [{ provider: { regions: ['eu'] } }, 'beta | alpha:data_region gamma:data_region'],
  [{ provider: { regions: ['us', 'de'] } }, 'alpha beta | gamma:data_region'],
  [{ provider: { regions: ['jp'] } }, '! region_restricted data_region widen provider.regions'],
  [{}, 'beta | alpha:data_region gamma:data_region', { region: 'EU' }],
  [{ provider: { regions: ['us'] } }, '! region_restricted data_region widen provider.regions', { region: 'EU' }],
  [{ model: 'maker/three' }, '! region_restricted data_region ask another region of this market', { region: 'EU' }],
  [{ provider: { enforce_distillable_text: true } }, 'alpha beta gamma |'],
  [{ provider: { enforce_distillable_text: false }, model: 'maker/two' }, 'two@beta two@alpha |'],
  [
    { model: 'maker/two', provider: { enforce_distillable_text: true } },
    '! constraint_filtered not_distillable set provider.enforce_distillable_text to false',
  ],
  [
    { model: 'maker/three', provider: { enforce_distillable_text: true } },
    '! constraint_filtered not_distillable choose another model',
  ],
  [{ provider: { quantizations: ['fp8'] } }, 'beta | alpha:quantization gamma:quantization'],
  [{ provider: { quantizations: ['unknown', 'bf16'] } }, 'alpha gamma | beta:quantization'],
  [{ model: 'maker/quant', provider: { quantizations: ['fp8'] } }, 'quant@q1 quant@q2'],
  [{ model: 'maker/quant', provider: { quantizations: ['fp4'] } }, 'quant@q3'],
  [{ model: 'maker/quant', provider: { quantizations: ['mxfp8', 'unknown'] } }, 'quant@q2 quant@q5'],
  [{ provider: { quantizations: ['int4'] } }, '! constraint_filtered quantization widen provider.quantizations'],
  [{ provider: { max_price: { prompt: 2 } } }, 'alpha beta | gamma:max_price'],
  [{ provider: { max_price: { completion: '3.99' } } }, 'alpha | beta:max_price gamma:max_price'],
  [{ provider: { max_price: { prompt: 2 } } }, 'alpha | beta:max_price gamma:max_price', { markupBps: 1 }],
  [{ model: 'maker/fee', provider: { max_price: { request: '0.001' } } }, 'fee@beta | fee@alpha:max_price'],
  [{ model: 'maker/fee', provider: { max_price: { image: '0.002' } } }, 'fee@alpha | fee@beta:max_price'],
  [{ provider: { max_price: { request: 0, image: 0 } } }, 'alpha beta gamma |'],
  [{ provider: { max_price: { prompt: 0.5 } } }, '! constraint_filtered max_price raise provider.max_price'],
  [{ max_tokens: 5_000 }, 'alpha beta | gamma:output_cap'],
  [{ max_tokens: 4_096 }, 'alpha beta gamma |'],
  [{ max_tokens: 50_000 }, '! constraint_filtered output_cap lower max_tokens'],
  [{ model: 'maker/long', max_tokens: 8_192 }, 'long@beta | long@alpha:context_length'],
  [{ model: 'maker/long', max_tokens: 8_000 }, 'long@alpha long@beta |'],
  [
    { model: 'maker/long', messages: [{ role: 'user', content: 'a'.repeat(100_000) }] },
    'long@beta | long@alpha:context_length',
  ],
  [
    { model: 'maker/long', messages: [{ role: 'user', content: 'a'.repeat(7_400_000) }] },
    '! constraint_filtered context_length Shorten the messages, lower max_tokens, or choose a model with a longer context',
  ],
  [long, '! constraint_filtered context_length The maximum context length is 128000 tokens'],
  [{ tools: [tool] }, 'alpha beta | gamma:tools_unsupported'],
  [
    { model: 'maker/three', tools: [tool] },
    '! constraint_filtered tools_unsupported No endpoints found that support tool use',
  ],
  [{ messages: [picture] }, '! constraint_filtered modality choose a model with these modalities'],
  [{ model: 'maker/fee', messages: [picture] }, 'fee@beta fee@alpha |'],
  [{ modalities: ['text', 'image'] }, '! constraint_filtered modality choose a model with these modalities'],
  [{ model: 'maker/vectors' }, '! constraint_filtered modality choose a model with these modalities'],
  [{}, 'beta gamma | alpha:feature_unsupported', { lacking: ['alpha', 'n'] }],
  [schema, 'alpha beta | gamma:response_format_unsupported'],
  [{ response_format: { type: 'json_object' } }, 'alpha beta | gamma:response_format_unsupported'],
  [{ ...schema, model: 'maker/three' }, 'three@gamma |'],
  [{ response_format: { type: 'text' } }, 'alpha beta gamma |'],
  [{ verbosity: 'high' }, 'beta | alpha:verbosity_unsupported gamma:verbosity_unsupported'],
  [{ verbosity: 'high', model: 'maker/three' }, 'three@gamma |'],
  [{ ...schema, verbosity: 'high' }, 'beta | alpha:verbosity_unsupported gamma:response_format_unsupported'],
  [{ ...schema, verbosity: 'high', models: ['maker/three'] }, 'beta three@gamma'],
  [{}, 'gamma | alpha:provider_not_configured beta:provider_not_configured', { configured: ['gamma'] }],
  [{}, '! temporarily_unavailable provider_not_configured ALPHA_API_KEY', { configured: [] }],
  [{}, 'alpha gamma | beta:stopped', { stopped: 'beta' }],
  [{ provider: { only: ['beta'] } }, '! temporarily_unavailable stopped try again later', { stopped: 'beta' }],
  [{ model: 'maker/unserved' }, '! no_endpoints - nobody serves it'],
];

/** Orders that are asked for. */
export const sortCases: readonly PlanCase[] = [
  [{ provider: { sort: 'price' } }, 'alpha=sorted_by_price beta gamma', { draw: 0.9999 }],
  [{ provider: { sort: 'price' } }, 'alpha=sorted_by_price beta gamma', { health: { [a]: out } }],
  [{ provider: { sort: { by: 'price' } } }, 'alpha=sorted_by_price beta gamma'],
  [{ provider: { sort: 'throughput' } }, 'gamma=sorted_by_throughput beta alpha'],
  [{ provider: { sort: { by: 'throughput' } } }, 'beta alpha gamma=recent_outage_last', { health: { [c]: out } }],
  [{ provider: { sort: 'latency' } }, 'beta=sorted_by_latency gamma alpha'],
  [{ provider: { sort: 'latency' } }, 'gamma alpha beta', { health: { [b]: { latencyMs: null } } }],
  [
    { provider: { sort: { by: 'latency', partition: 'model' } }, models: ['maker/two'] },
    'beta gamma alpha two@beta two@alpha',
  ],
  [
    { provider: { sort: { by: 'price', partition: 'none' } }, models: ['maker/two'] },
    'alpha two@beta beta gamma two@alpha',
  ],
  [{ provider: { sort: { by: 'price', partition: 'none' } }, models: ['maker/three'] }, 'three@gamma alpha beta gamma'],
  [
    { provider: { sort: { partition: 'none' } }, models: ['maker/three'] },
    'three@gamma=price_weighted alpha beta gamma',
  ],
  [{ provider: { sort: { by: 'price' } }, route: 'sort', models: ['maker/three'] }, 'three@gamma alpha beta gamma'],
  [{ route: 'fallback', models: ['maker/three'] }, 'alpha beta gamma three@gamma'],
  [{ provider: { sort: 'exacto' } }, 'gamma=sorted_by_quality alpha beta', { health: { [c]: tools(0.9, 5) } }],
  [{ provider: { sort: 'exacto' } }, 'beta alpha gamma', { health: { [b]: tools(0.99, 5), [a]: tools(0.98, 500) } }],
  [{ provider: { sort: 'exacto' } }, 'beta alpha gamma', { health: { [b]: tools(0.9, 500), [a]: tools(0.9, 5) } }],
  [{ provider: { preferred_max_latency: 0.4 } }, 'beta=price_weighted alpha=threshold_missed gamma=threshold_missed'],
  [{ provider: { preferred_max_latency: { p50: 0.5 } } }, 'beta gamma alpha=threshold_missed'],
  [{ provider: { preferred_max_latency: { p50: 9, p99: 1.2 } } }, 'beta alpha=threshold_missed gamma=threshold_missed'],
  [{ provider: { preferred_max_latency: { p75: 0.75, p90: 1 } } }, 'beta gamma alpha'],
  [{ provider: { preferred_max_latency: 0.001 } }, 'alpha=threshold_missed beta gamma'],
  [
    { provider: { preferred_max_latency: 0.6 } },
    'beta=uptime_degraded alpha=threshold_missed gamma=uptime_poor',
    { health: { [b]: up(0.9), [c]: up(0.5) } },
  ],
  [
    { provider: { preferred_min_throughput: 150 } },
    'gamma=price_weighted alpha=threshold_missed beta=threshold_missed',
  ],
  [{ provider: { preferred_min_throughput: { p50: 100 } } }, 'beta gamma alpha=threshold_missed'],
  [{ provider: { preferred_min_throughput: { p90: 300 } } }, 'gamma alpha beta'],
  [{ provider: { preferred_min_throughput: 150, sort: 'price' } }, 'gamma=sorted_by_price alpha=threshold_missed beta'],
  [{ provider: { preferred_min_throughput: 150, order: ['alpha'] } }, 'alpha=order gamma beta=threshold_missed'],
  [{ provider: { preferred_min_throughput: 150, preferred_max_latency: 0.4 } }, 'alpha=threshold_missed beta gamma'],
  [
    { provider: { preferred_min_throughput: 75 } },
    'alpha=price_weighted beta gamma',
    { health: { [a]: { tokensPerSecond: null } } },
  ],
  [
    { model: 'maker/tools', tools: [tool] },
    'tools@t1=price_weighted tools@t2 tools@t3 tools@t4 tools@t5',
    { health: well },
  ],
  [
    { model: 'maker/tools', tools: [tool] },
    'tools@t1 tools@t2 tools@t3 tools@t5=quality_unknown tools@t4=quality_poor',
    { health: { ...well, 'maker/tools@t4': tools(0.5, 100) } },
  ],
  [
    { model: 'maker/tools', tools: [tool] },
    'tools@t2 tools@t3 tools@t4 tools@t5=quality_unknown tools@t1=quality_poor',
    { health: { ...well, 'maker/tools@t1': tools(0.99, 20), 'maker/tools@t4': tools(0.99, 100) } },
  ],
  [
    { model: 'maker/tools', tools: [tool], provider: { sort: 'price' } },
    'tools@t1=sorted_by_price tools@t2 tools@t3 tools@t4 tools@t5',
    { health: { ...well, 'maker/tools@t1': tools(0.1, 1), 'maker/tools@t4': tools(0.99, 100) } },
  ],
  [
    { model: 'maker/tools:floor', tools: [tool] },
    'tools@t1=sorted_by_price tools@t2 tools@t3 tools@t4 tools@t5',
    { health: { ...well, 'maker/tools@t1': tools(0.1, 1), 'maker/tools@t4': tools(0.99, 100) } },
  ],
  [
    { model: 'maker/tools' },
    'tools@t1=price_weighted tools@t2 tools@t3 tools@t4 tools@t5',
    { health: { ...well, 'maker/tools@t1': tools(0.1, 1), 'maker/tools@t4': tools(0.99, 100) } },
  ],
];

/** Names: fallbacks, suffixes, aliases, models that left, tiers. */
export const modelCases: readonly PlanCase[] = [
  [{ models: ['maker/two'] }, 'alpha beta gamma two@beta two@alpha'],
  [{ models: ['maker/two', 'maker/three'] }, 'alpha beta gamma two@beta three@gamma | two@alpha:candidate_limit'],
  [{ model: 'maker/nothing', models: ['maker/three'] }, 'three@gamma'],
  [{ model: 'maker/two', models: ['maker/two:nitro', 'maker/two'] }, 'two@beta two@alpha'],
  [{ model: 'maker/nothing', models: ['none/such'] }, '! model_not_found - are not valid model IDs'],
  [{ model: 'maker/ome' }, '! model_not_found - Did you mean maker/one'],
  [{ model: 'maker/one-2026-01-01' }, 'alpha beta gamma'],
  [{ model: 'maker/one:nitro' }, 'alpha/priority=sorted_by_throughput gamma beta alpha'],
  [{ model: 'maker/one:nitro', provider: { order: ['beta'] } }, 'beta=order gamma alpha'],
  [{ model: 'maker/one:nitro', provider: { sort: 'price' } }, 'alpha beta alpha/priority gamma'],
  [{ model: 'maker/one:floor' }, 'alpha/flex=sorted_by_price alpha beta gamma', { draw: 0.9999 }],
  [{ model: 'maker/two:floor' }, 'two@beta=sorted_by_price two@alpha', { draw: 0.9999 }],
  [{ model: 'maker/one:exacto' }, 'beta=sorted_by_quality alpha gamma', { health: { [b]: tools(0.9, 5) } }],
  [{ model: 'maker/one:exacto', provider: { sort: 'price' } }, 'alpha beta gamma', { health: { [b]: tools(0.9, 5) } }],
  [{ model: 'maker/one:online' }, 'alpha=price_weighted beta gamma'],
  [{ model: 'maker/one:online:floor' }, 'alpha/flex=sorted_by_price alpha beta gamma'],
  [{ model: 'maker/gift:free' }, 'gift@gamma | gift@alpha:not_free'],
  [{ model: 'maker/own:free' }, 'own:free@beta |'],
  [{ model: 'maker/own:free:nitro' }, 'own:free@beta=sorted_by_throughput |'],
  [{ model: 'maker/one:free' }, '! free_variant_ended not_free drop the ":free" suffix'],
  [{ model: 'maker/long:extended' }, 'long@beta | long@alpha:not_extended'],
  [
    { model: 'maker/long:extended', max_tokens: 20_000 },
    '! constraint_filtered not_extended drop the ":extended" suffix',
  ],
  [{ model: 'maker/two:thinking' }, 'two@beta | two@alpha:not_thinking'],
  [{ model: 'maker/three:thinking' }, '! constraint_filtered not_thinking drop the ":thinking" suffix'],
  [{ model: 'maker/one:fast' }, '! model_not_found - maker/one:fast is not a valid model ID'],
  [{ model: '~maker/one-latest' }, 'alpha beta gamma'],
  [{ model: '~maker/one-latest:nitro' }, 'alpha/priority gamma beta alpha'],
  [{ model: 'maker/uno' }, 'alpha beta gamma'],
  [{ model: '~maker/one-latest', models: ['maker/one'] }, 'alpha beta gamma'],
  [{ model: 'maker/old' }, 'alpha beta gamma'],
  [{ model: 'maker/older:floor' }, 'alpha/flex alpha beta gamma'],
  [{ model: 'maker/leaving' }, 'leaving@gamma'],
  [{ model: 'maker/gone' }, '! model_deprecated - has left the catalog and nothing succeeds it. Choose another model'],
  [{ model: 'maker/gone', models: ['maker/three'] }, 'three@gamma'],
  [{ service_tier: 'priority' }, 'alpha/priority=service_tier alpha=by_price beta gamma'],
  [{ service_tier: 'fast' }, 'alpha/priority=service_tier alpha beta gamma'],
  [
    { service_tier: 'priority' },
    'alpha beta gamma alpha/priority=recent_outage_last',
    { health: { 'maker/one@alpha/priority': out } },
  ],
  [{ service_tier: 'flex' }, 'alpha/flex=sorted_by_price | alpha:service_tier beta:service_tier gamma:service_tier'],
  [{ service_tier: 'flex', model: 'maker/two' }, 'two@beta=price_weighted two@alpha'],
  [{ service_tier: 'default' }, 'alpha beta gamma'],
  [{ service_tier: 'auto', provider: { only: ['alpha'] } }, 'alpha | beta:not_in_only gamma:not_in_only'],
  [
    { service_tier: 'flex', provider: { only: ['beta'] } },
    '! constraint_filtered allowed_providers add its provider to provider.only',
  ],
];

/** What is known of the conversation and of the customer's own keys. */
export const placeCases: readonly PlanCase[] = [
  [{ session_id: 's' }, 'beta=sticky alpha gamma', { sticky: b }],
  [{ session_id: 's' }, 'alpha beta gamma', { sticky: c }],
  [{ session_id: 's' }, 'alpha gamma beta=recent_outage_last', { sticky: b, health: { [b]: out } }],
  [{ session_id: 's', provider: { order: ['gamma'] } }, 'gamma=order alpha beta', { sticky: b }],
  [{ session_id: 's', provider: { sort: 'price' } }, 'beta=sticky alpha gamma', { sticky: b }],
  [{ session_id: 's', provider: { ignore: ['beta'] } }, 'alpha gamma', { sticky: b }],
  [{ session_id: 's' }, 'alpha beta gamma', { sticky: 'maker/one@nobody' }],
  [{}, 'beta=own_key alpha=price_weighted beta=by_price gamma', { own: { [b]: [key('k', 'prioritized')] } }],
  [{}, 'alpha beta gamma beta=own_key_fallback', { own: { [b]: [key('k', 'fallback')] } }],
  [
    {},
    'gamma=own_key beta=own_key alpha beta gamma',
    { own: { [b]: [key('k', 'prioritized', 2)], [c]: [key('l', 'prioritized', 1)] } },
  ],
  [{}, 'beta=own_key alpha gamma', { own: { [b]: [{ ...key('k', 'prioritized'), isExclusive: true }] } }],
  [
    {},
    'beta=own_key | alpha:provider_not_configured gamma:provider_not_configured',
    { configured: [], own: { [b]: [key('k', 'prioritized')] } },
  ],
  [
    { provider: { order: ['gamma', 'beta'] } },
    'gamma=own_key beta=own_key gamma=order beta=order alpha',
    { own: { [b]: [key('k', 'prioritized', 1)], [c]: [key('l', 'prioritized', 2)] } },
  ],
  [
    { provider: { zdr: true } },
    'alpha | beta:data_policy_zdr gamma:data_policy_zdr',
    { own: { [b]: [key('k', 'prioritized')] } },
  ],
];

/** Names that leave the choice to the market. */
export const routerCases: readonly PlanCase[] = [
  [auto({ allowed_models: ['anthropic/*'] }), 'anthropic/claude-sonnet-5@alpha'],
  [auto({ allowed_models: ['*claude*', 'openai/*'] }), 'openai/gpt-5-nano@alpha anthropic/claude-sonnet-5@alpha'],
  [
    auto({ allowed_models: ['ANTHROPIC/*', 'google/*'], excluded_models: ['*/gemini-*'] }),
    'anthropic/claude-sonnet-5@alpha',
  ],
  [auto({ allowed_models: ['anthropic/*', 'google/*'] }), 'google/gemini-3-pro@beta anthropic/claude-sonnet-5@alpha'],
  [
    auto({ allowed_models: ['anthropic/*', 'google/*', 'openai/*'], cost_tier: 'max' }),
    'anthropic/claude-sonnet-5@alpha',
  ],
  [
    auto({ allowed_models: ['anthropic/*'], cost_tier: 'low' }),
    '! constraint_filtered - cost_tier of the plugin "auto-router"',
  ],
  [
    auto({ allowed_models: ['nobody/*'] }),
    '! constraint_filtered - No models match your request and model restrictions',
  ],
  [auto({ excluded_models: ['*'] }), '! constraint_filtered - widen allowed_models, excluded_models'],
  [{ ...auto({ allowed_models: ['google/*', 'openai/*'] }), messages: [picture] }, 'google/gemini-3-pro@beta'],
  [
    { ...auto({ allowed_models: ['google/*', 'openai/*'] }), model: 'openrouter/auto' },
    'openai/gpt-5-nano@alpha google/gemini-3-pro@beta',
  ],
  [
    auto({ allowed_models: ['google/*', 'openai/*'] }),
    'google/gemini-3-pro@beta=sticky openai/gpt-5-nano@alpha',
    { sticky: 'google/gemini-3-pro@beta' },
  ],
  [
    auto({ allowed_models: ['openai/gpt-5-nano', 'maker/three'], cost_tier: 'low' }),
    'three@gamma openai/gpt-5-nano@alpha',
    { shares: { 'maker/three': 0.9 } },
  ],
  [
    { ...auto({ allowed_models: ['maker/one'] }), model: 'bourse/auto:floor' },
    'alpha/flex=sorted_by_price alpha beta gamma',
  ],
  [{ ...auto({ allowed_models: ['maker/three'] }), models: ['maker/two'] }, 'three@gamma two@beta two@alpha'],
  [{ model: 'bourse/free' }, 'own:free@beta gift@gamma'],
  [{ model: 'bourse/free' }, 'gift@gamma own:free@beta', { draw: 0.9 }],
  [{ model: 'openrouter/free', tools: [tool] }, 'own:free@beta'],
  [{ model: 'bourse/free', models: ['maker/three'] }, 'own:free@beta gift@gamma three@gamma'],
  [{ model: 'bourse/free', messages: [picture] }, '! constraint_filtered modality ask "bourse/auto"'],
];
