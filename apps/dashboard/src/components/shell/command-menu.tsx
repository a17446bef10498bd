'use client';

import {
  Button,
  CommandDialog,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
  Kbd,
  Monogram,
} from '@bourse/ui';
import { ArrowRight, Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import type { PaletteModel } from '../../data/palette.ts';
import { accountPlaces, mainPlaces, newsPlace, signInPlace } from '../../site/navigation.ts';

/** The palette behind ⌘K and Ctrl K: pages and models. The list of models is fetched when the palette first opens. */
export function CommandMenu({ isSignedIn }: { isSignedIn: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const models = usePaletteModels(isOpen);
  const router = useRouter();
  useShortcut(() => setIsOpen((wasOpen) => !wasOpen));

  function go(href: string) {
    setIsOpen(false);
    router.push(href);
  }

  const places = [...mainPlaces, newsPlace, ...(isSignedIn ? accountPlaces : [signInPlace])];
  return (
    <>
      <SearchButton onClick={() => setIsOpen(true)} />
      <CommandDialog onOpenChange={setIsOpen} open={isOpen} title="Search models and pages">
        <CommandInput placeholder="Search models and pages" />
        <CommandList>
          <CommandEmpty>Nothing matches.</CommandEmpty>
          <CommandGroup heading="Pages">
            {places.map(({ href, label, keywords }) => (
              <CommandItem key={href} keywords={keywords ? [keywords] : []} onSelect={() => go(href)} value={label}>
                <ArrowRight aria-hidden />
                {label}
              </CommandItem>
            ))}
          </CommandGroup>
          <CommandGroup heading="Models">
            {models.map((model) => (
              <CommandItem
                key={model.slug}
                keywords={[model.name]}
                onSelect={() => go(`/${model.slug}`)}
                value={model.slug}
              >
                <Monogram name={model.authorName} size="sm" />
                <span className="truncate">{model.name}</span>
                <span className="ml-auto truncate font-mono text-subtle-foreground text-xs">{model.slug}</span>
              </CommandItem>
            ))}
          </CommandGroup>
        </CommandList>
      </CommandDialog>
    </>
  );
}

function SearchButton({ onClick }: { onClick: () => void }) {
  return (
    <>
      <Button
        className="w-44 justify-start font-normal text-subtle-foreground shadow-none max-lg:hidden"
        onClick={onClick}
      >
        <Search aria-hidden />
        Search
        <Kbd className="ml-auto">⌘K</Kbd>
      </Button>
      <Button aria-label="Search" className="lg:hidden" onClick={onClick} size="icon" variant="ghost">
        <Search aria-hidden className="size-4" />
      </Button>
    </>
  );
}

function useShortcut(onShortcut: () => void) {
  useEffect(() => {
    function listen(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      onShortcut();
    }
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });
}

function usePaletteModels(isWanted: boolean): readonly PaletteModel[] {
  const [models, setModels] = useState<readonly PaletteModel[]>([]);
  useEffect(() => {
    if (!isWanted || models.length > 0) return;
    const abort = new AbortController();
    fetchModels(abort.signal).then(setModels, () => {
      // The palette still finds pages; opening it again tries again.
    });
    return () => abort.abort();
  }, [isWanted, models.length]);
  return models;
}

async function fetchModels(signal: AbortSignal): Promise<readonly PaletteModel[]> {
  const answer = await fetch('/api/palette', { signal });
  if (!answer.ok) throw new Error(`The palette got ${answer.status}`);
  return answer.json();
}
