'use client';

import {
  Button,
  CommandDialog,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
  Monogram,
} from '@bourse/ui';
import { Check, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { ChatModel } from './chat-model.ts';

type ModelPickerProps = {
  /** Callable ones first. */
  models: readonly ChatModel[];
  value: string;
  onChange: (slug: string) => void;
};

/** Chooses the model that answers next. Models whose provider is not configured here are listed, and say so. */
export function ModelPicker({ models, value, onChange }: ModelPickerProps) {
  const [isOpen, setIsOpen] = useState(false);
  const chosen = models.find(({ slug }) => slug === value);
  const callable = models.filter(({ isCallable }) => isCallable !== false);
  const listed = models.filter(({ isCallable }) => isCallable === false);

  function choose(slug: string) {
    setIsOpen(false);
    onChange(slug);
  }

  return (
    <>
      <Button aria-label="Model" className="min-w-0 max-w-64" onClick={() => setIsOpen(true)} title={value}>
        <Monogram name={chosen?.authorName ?? value} size="sm" />
        <span className="truncate">{chosen?.name ?? value}</span>
        <ChevronDown aria-hidden className="text-subtle-foreground" />
      </Button>
      <CommandDialog onOpenChange={setIsOpen} open={isOpen} title="Choose a model">
        <CommandInput placeholder="Search models" />
        <CommandList>
          <CommandEmpty>No model matches.</CommandEmpty>
          <ModelGroup chosen={value} heading="Available here" models={callable} onChoose={choose} />
          <ModelGroup
            chosen={value}
            heading="Listed only: no provider is configured"
            models={listed}
            onChoose={choose}
          />
        </CommandList>
      </CommandDialog>
    </>
  );
}

type ModelGroupProps = {
  heading: string;
  models: readonly ChatModel[];
  chosen: string;
  onChoose: (slug: string) => void;
};

function ModelGroup({ heading, models, chosen, onChoose }: ModelGroupProps) {
  if (models.length === 0) return null;
  return (
    <CommandGroup heading={heading}>
      {models.map((model) => (
        <CommandItem
          key={model.slug}
          keywords={[model.name, model.authorName]}
          onSelect={() => onChoose(model.slug)}
          value={model.slug}
        >
          <Monogram name={model.authorName} size="sm" />
          <span className="truncate">{model.name}</span>
          {model.slug === chosen ? <Check aria-hidden /> : null}
          <span className="ml-auto truncate font-mono text-subtle-foreground text-xs">{model.slug}</span>
        </CommandItem>
      ))}
    </CommandGroup>
  );
}
