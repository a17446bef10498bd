interface Deviation {
  readonly path: RegExp;
  readonly deviation: RegExp;
  readonly reason: string;
}

/** Where we answer otherwise than OpenRouter's document says, and why. Fields that it does not name are no deviations. */
const deliberate: readonly Deviation[] = [
  {
    path: /./,
    deviation: /provider(_name)?: must be equal to one of the allowed values/,
    reason: "the document lists the providers of its own market by name; ours are the catalog's",
  },
  {
    path: /^\/responses$/,
    deviation: /^\/data\/response\/usage: must be object, is null$/,
    reason: 'OpenAI tells no usage before the end, as null; the document requires an object only where it is told',
  },
  {
    path: /^\/responses$/,
    deviation: /^\/data\/part\/type: .* is "reasoning_text"$/,
    reason: 'the words of a thought are a content part to OpenAI, whose SDK knows them there; the document forgot them',
  },
];

/** True for a deviation that is meant. */
export function isDeliberate(route: string, found: string): boolean {
  return deliberate.some(({ path, deviation }) => path.test(route) && deviation.test(found));
}
