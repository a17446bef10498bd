const NAME_LENGTH_MAX = 80;
/** Wide enough for a missing `-mini`, too narrow for another family. */
const DIFFERENCE_MAX = 0.45;

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9/]/g, '');
}

/** 0 is the same name, 1 has nothing in common. A name without its author is compared without authors. */
function difference(name: string, slug: string): number {
  const wanted = plain(name);
  const known = wanted.includes('/') ? plain(slug) : plain(slug.slice(slug.indexOf('/') + 1));
  return editDistance(wanted, known) / Math.max(wanted.length, known.length, 1);
}

/** Up to three slugs that resemble a name that does not exist, the closest first. The work is bounded: names are cut. */
export function closeSlugs(name: string, slugs: Iterable<string>): readonly string[] {
  const base = (name.includes(':') ? name.slice(0, name.lastIndexOf(':')) : name).slice(0, NAME_LENGTH_MAX);
  return [...slugs]
    .map((slug) => ({ slug, difference: difference(base, slug) }))
    .filter((entry) => entry.difference <= DIFFERENCE_MAX)
    .toSorted((a, b) => a.difference - b.difference || (a.slug < b.slug ? -1 : 1))
    .slice(0, 3)
    .map((entry) => entry.slug);
}
