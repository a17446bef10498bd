import { cn } from '@bourse/ui';
import { useId } from 'react';

type Step = { value: number; label: string };

/** A threshold chosen among a few sensible steps: radio buttons that look like one bar. Rendered inside the filter form only. */
export function StepGroup(props: {
  label: string;
  unit: string;
  steps: readonly Step[];
  value: number;
  onChange: (value: number) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-subtle-foreground text-xs">
        {props.label} <span className="sr-only">{props.unit}</span>
      </legend>
      <div className="flex rounded-md border border-line-strong bg-inset p-px">
        {props.steps.map((step) => (
          <label
            className={cn(
              'flex-1 cursor-pointer rounded-sm py-1 text-center text-muted-foreground text-xs transition-colors hover:text-foreground',
              'has-focus-visible:outline-2 has-focus-visible:outline-ring',
              step.value === props.value && 'bg-knob font-medium text-foreground shadow-xs',
            )}
            key={step.value}
          >
            <input
              checked={step.value === props.value}
              className="sr-only"
              name={name}
              onChange={() => props.onChange(step.value)}
              type="radio"
              value={step.value}
            />
            {step.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
