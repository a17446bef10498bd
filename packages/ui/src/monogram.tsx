import type { CSSProperties } from 'react';
import { cn } from './cn.ts';

const sizes = { sm: 'size-5 text-[0.625rem]', md: 'size-7 text-2xs', lg: 'size-10 text-base' } as const;

/** Hues that stay apart from one another and from the semantic reds. */
const hues = [85, 122, 158, 195, 225, 255, 285, 315, 345, 55] as const;

function hueOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return hues[hash % hues.length] ?? hues[0];
}

/** At most two letters: of the first two words, or the first letter of a single one. Empty names give a middle dot. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s\-_/.]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toUpperCase() || '·';
}

/**
 * A small sign made from a name: the same name always gives the same letters and hue. Stands where others put brand images,
 * which are not ours to show. Decoration only: put the name beside it.
 */
export function Monogram(props: {
  name: string;
  size?: keyof typeof sizes;
  round?: boolean;
  className?: string | undefined;
}) {
  const hue: CSSProperties = {
    backgroundColor: `oklch(var(--monogram-lightness) var(--monogram-chroma) ${hueOf(props.name)})`,
    color: `oklch(var(--monogram-ink-lightness) calc(var(--monogram-chroma) * 2.2) ${hueOf(props.name)})`,
  };
  return (
    <span
      aria-hidden
      className={cn(
        'inline-flex shrink-0 select-none items-center justify-center font-medium tracking-tight',
        props.round ? 'rounded-full' : 'rounded-sm',
        sizes[props.size ?? 'md'],
        props.className,
      )}
      style={hue}
    >
      {initialsOf(props.name)}
    </span>
  );
}
