import type { Model } from '@bourse/catalog';

/** A model that writes text, of nobody's, with what a measurement says of it. */
export function madeUpModel(slug: string, facts: Pick<Model, 'description'> & Partial<Model>): Model {
  return {
    slug,
    canonicalSlug: slug,
    authorSlug: 'maker',
    name: slug,
    releasedOn: null,
    contextTokensMax: 128_000,
    inputModalities: ['text'],
    outputModalities: ['text'],
    tokenizer: 'Other',
    knowledgeCutoff: null,
    huggingFaceId: null,
    variant: null,
    isDistillable: null,
    expiresOn: null,
    successorSlug: null,
    defaultParameters: {},
    reasoning: null,
    isSandbox: false,
    ...facts,
  };
}
