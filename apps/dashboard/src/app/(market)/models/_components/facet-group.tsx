import { Button, Checkbox, cn } from '@bourse/ui';
import { useId, useState } from 'react';
import type { FacetOption } from '../filter-models.ts';

const SHOWN_AT_FIRST = 6;

type FacetGroupProps = {
  label: string;
  options: readonly FacetOption[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
};

/** A filter with many choices: the most frequent first, the rest behind "more". Chosen ones are never hidden. */
export function FacetGroup({ label, options, chosen, onChange }: FacetGroupProps) {
  const [isOpen, setIsOpen] = useState(false);
  const groupId = useId();
  const shown = options.filter((option, rank) => isOpen || rank < SHOWN_AT_FIRST || chosen.includes(option.value));
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  if (options.length === 0) return null;
  return (
    <fieldset>
      <legend className="mb-1.5 text-subtle-foreground text-xs">{label}</legend>
      <ul className="grid gap-px">
        {shown.map((option) => (
          <li key={option.value}>
            <label
              className="-mx-1.5 flex cursor-pointer items-center gap-2 rounded-sm px-1.5 py-1 text-sm hover:bg-hover"
              htmlFor={`${groupId}-${option.value}`}
            >
              <Checkbox
                checked={chosen.includes(option.value)}
                id={`${groupId}-${option.value}`}
                onCheckedChange={() => toggle(option.value)}
              />
              <span className="truncate">{option.label}</span>
              <span
                className={cn('numeric ml-auto text-subtle-foreground text-xs', option.count === 0 && 'opacity-50')}
              >
                {option.count}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {options.length > SHOWN_AT_FIRST ? (
        <Button aria-expanded={isOpen} className="mt-1 text-xs" onClick={() => setIsOpen(!isOpen)} variant="link">
          {isOpen ? 'Fewer' : `${options.length - SHOWN_AT_FIRST} more`}
        </Button>
      ) : null}
    </fieldset>
  );
}
