import type { Prompt } from '@bourse/generation';
import type { Candidate } from '@bourse/routing';
import { openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { promptFor } from './prompt-for.ts';

const promptOf = (fields: object): Prompt =>
  openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'hi' }], ...fields });
/** Only what the function reads. */
const candidateOf = (serviceTier: string, isThinkingOn = false) =>
  ({ endpoint: { serviceTier }, isThinkingOn }) as Candidate;

describe('promptFor', () => {
  test.each([
    ['default', undefined, undefined],
    ['default', 'auto', 'auto'],
    ['default', 'default', 'default'],
    ['default', 'priority', undefined],
    ['default', 'fast', undefined],
    ['default', 'flex', undefined],
    ['flex', 'flex', 'flex'],
    ['flex', undefined, 'flex'],
    ['priority', 'fast', 'priority'],
    ['priority', undefined, 'priority'],
    ['priority', 'auto', 'priority'],
  ])('asks a %s endpoint, where the request says %s, for %s', (tier, asked, sent) => {
    const prompt = promptOf(asked === undefined ? {} : { service_tier: asked });
    const told = promptFor(candidateOf(tier), prompt);
    expect(told.serviceTier).toBe(sent);
    expect(told.source.body['service_tier']).toBe(sent);
    if (asked === sent) expect(told).toBe(prompt);
  });

  test('lets a model think that was asked for with :thinking, unless the request says how', () => {
    expect(promptFor(candidateOf('default', true), promptOf({})).reasoning).toEqual({ effort: 'medium' });
    const said = promptOf({ reasoning: { effort: 'none' } });
    expect(promptFor(candidateOf('default', true), said)).toBe(said);
    expect(promptFor(candidateOf('default'), promptOf({})).reasoning).toBeUndefined();
  });
});
