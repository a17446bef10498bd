import { type ClassValue, clsx } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

/** Our own type scale has one step that tailwind-merge does not know; untold, it would take `text-2xs` for a colour. */
const mergeClasses = extendTailwindMerge({ extend: { classGroups: { 'font-size': ['text-2xs'] } } });

/** Joins class names; of two that set the same property the later one wins, so that a caller can refine a component. */
export function cn(...classes: readonly ClassValue[]): string {
  return mergeClasses(clsx(classes));
}
