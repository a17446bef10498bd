import { isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';

/** Where the dialects name the end user: OpenAI's two fields, and Anthropic's within `metadata`. */
const FIELDS = ['user', 'safety_identifier'];

function disguisedMembers(
  object: JsonObject,
  names: readonly string[],
  disguise: (name: string) => string,
): JsonObject {
  const isNamed = names.some((name) => typeof object[name] === 'string');
  if (!isNamed) return object;
  const members: Record<string, JsonValue | undefined> = { ...object };
  for (const name of names) {
    const value = object[name];
    if (typeof value === 'string') members[name] = disguise(value);
  }
  return members;
}

function disguisedBody(body: JsonObject, disguise: (name: string) => string): JsonObject {
  const named = disguisedMembers(body, FIELDS, disguise);
  const { metadata } = named;
  if (!isJsonObject(metadata)) return named;
  const hidden = disguisedMembers(metadata, ['user_id'], disguise);
  return hidden === metadata ? named : { ...named, metadata: hidden };
}

/**
 * The prompt as providers may see it: they tell end users apart and never learn who they are, because one of them may get a whole account
 * banned, and two customers may use the same name. The same object when nobody is named.
 */
export function withEndUserDisguised(prompt: Prompt, disguise: (name: string) => string): Prompt {
  const body = disguisedBody(prompt.source.body, disguise);
  const { endUser } = prompt;
  if (body === prompt.source.body && endUser === undefined) return prompt;
  return {
    ...prompt,
    ...(endUser === undefined ? {} : { endUser: disguise(endUser) }),
    source: { ...prompt.source, body },
  };
}
