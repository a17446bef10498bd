/** `JSON.parse` for foreign bytes: undefined, which is no JSON value, instead of an exception. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Providers send cut and foreign bytes under 200; the caller decides what that means.
    return undefined;
  }
}
