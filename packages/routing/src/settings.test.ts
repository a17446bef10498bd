import { describe, expect, test } from 'vitest';
import { endpointOf, inputOf, modelOf, promptOf } from '../test/builders.ts';
import { explanations } from './explanations.ts';
import { planRoute } from './plan-route.ts';
import { adviceFor, settingFor } from './settings.ts';
import type { ExclusionReason, PlanInput } from './types.ts';
import { unroutableError } from './unroutable-error.ts';

const one = endpointOf({ provider: 'host' });
const plain = endpointOf({ provider: 'host', supportedParameters: [] });
const wish = (preferences: PlanInput['prompt']['preferences']) => inputOf([one], { prompt: promptOf({ preferences }) });
const asks = (prompt: Parameters<typeof promptOf>[0]) => inputOf([one], { prompt: promptOf(prompt) });

/** An input that is refused for this reason alone, for each reason that can leave nobody. */
const refused: readonly (readonly [ExclusionReason, PlanInput])[] = [
  ['disabled', inputOf([endpointOf({ provider: 'host', isEnabled: false })])],
  ['service_tier', inputOf([endpointOf({ provider: 'host', serviceTier: 'priority' })])],
  ['not_free', asks({ model: 'maker/one:free' })],
  ['not_thinking', asks({ model: 'maker/one:thinking' })],
  ['not_in_only', wish({ only: ['nobody'] })],
  ['provider_ignored', wish({ ignore: ['host'] })],
  ['not_in_order', wish({ order: ['nobody'], allowFallbacks: false })],
  ['data_policy_training', wish({ dataCollection: 'deny' })],
  ['data_policy_zdr', wish({ zdr: true })],
  ['data_region', wish({ regions: ['DE'] })],
  ['not_distillable', wish({ isDistillableOnly: true })],
  ['quantization', wish({ quantizations: ['fp8'] })],
  ['feature_unsupported', inputOf([one], { lacks: () => 'audio_input' })],
  ['tools_unsupported', inputOf([plain], { prompt: promptOf({ tools: [{ name: 'f' }] }) })],
  [
    'require_parameters',
    inputOf([plain], { prompt: promptOf({ parameters: ['seed'], preferences: { requireParameters: true } }) }),
  ],
  ['max_price', wish({ maxPrice: { prompt: '0.01' } })],
  ['output_cap', asks({ outputTokensMax: 20_000 })],
  [
    'context_length',
    inputOf([endpointOf({ provider: 'host', outputTokensMax: null })], {
      prompt: promptOf({ outputTokensMax: 200_000 }),
    }),
  ],
  ['provider_not_configured', inputOf([one], { configuredProviders: new Set() })],
  ['stopped', inputOf([one], { isStopped: () => true })],
  ['modality', inputOf([one], { models: [modelOf('maker/one')], prompt: promptOf({ outputModalities: ['image'] }) })],
];

/** These leave somebody: the endpoint that they prefer, or the first of those that are asked for. */
const softReasons: readonly ExclusionReason[] = [
  'response_format_unsupported',
  'verbosity_unsupported',
  'fallbacks_disallowed',
  'candidate_limit',
];

/** What a sentence may name for a setting: the field itself, or what people call it. */
const otherNames: Readonly<Record<string, RegExp>> = {
  model: /another model|suffix|a free model|choose a model/,
  messages: /choose a model with these modalities/,
  tools: /remove the tools/,
  'provider.order': /provider\.order/,
};

describe('every reason for which nobody is left', () => {
  test.each(refused)('%s: the error names the setting to change', (reason, input) => {
    const plan = planRoute(input);
    if (plan.kind === 'routed') return expect.unreachable('the plan should have no candidate');
    expect(plan.excluded.map((exclusion) => exclusion.reason)).toEqual([reason]);
    const { message, metadata } = unroutableError(plan);
    const setting = settingFor(reason);
    if (setting === null) expect(message).toMatch(/operator/);
    else expect(otherNames[setting]?.test(message) === true || message.includes(setting), message).toBe(true);
    expect(metadata['excluded_by']).toHaveLength(1);
  });

  test('none is forgotten', () => {
    const told = new Set([...refused.map(([reason]) => reason), ...softReasons]);
    const missing = Object.keys(explanations).filter((reason) => !told.has(reason as ExclusionReason));
    // Endpoints of less than the model's own context need two endpoints to be told apart.
    expect(missing).toEqual(['not_extended']);
  });

  test.each(softReasons)('%s: its advice names the setting', (reason) => {
    const setting = settingFor(reason) ?? '';
    expect(adviceFor(reason)).toContain(setting.split('.').at(-1));
  });
});

test('an unknown model is told where names are listed', () => {
  const plan = planRoute(asks({ model: 'nobody/nothing' }));
  if (plan.kind === 'routed') return expect.unreachable('nobody has it');
  expect(plan.message).toContain('GET /api/v1/models');
});
