/**
 * A model's slug matches a pattern in which `*` stands for anything: `anthropic/*`, or
 * `*claude*`. Letters' case does not matter.
 */
export function matcherOf(pattern: string): (slug: string) => boolean {
  const [head = '', ...rest] = pattern.toLowerCase().split('*');
  if (rest.length === 0) return (slug) => slug.toLowerCase() === head;
  const tail = rest.at(-1) ?? '';
  const middle = rest.slice(0, -1);
  return (slug) => {
    const text = slug.toLowerCase();
    if (!text.startsWith(head) || !text.endsWith(tail)) return false;
    let from = head.length;
    for (const piece of middle) {
      const at = text.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    // What the end matches must not have been used up by what came before it.
    return from <= text.length - tail.length;
  };
}
