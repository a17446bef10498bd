/** The slug of a model from the two parts of its page's path. Variants keep their colon, which browsers may have encoded. */
export function modelSlugFrom({ author, slug }: { author: string; slug: string }): string {
  return `${decode(author)}/${decode(slug)}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A broken escape is no model's name: the page will say "not found", which is the truth.
  }
}
