'use client';

import { Input, Select } from '@bourse/ui';
import { Search } from 'lucide-react';
import { debounce, useQueryStates } from 'nuqs';
import { type ModelSort, modelSorts, modelsParams } from '../search-params.ts';

const SEARCH_DELAY_MS = 200;

const sortLabels: Record<ModelSort, string> = {
  popular: 'Most used this week',
  newest: 'Newest',
  name: 'Name',
  context: 'Longest context',
  'input-price': 'Cheapest input',
  'output-price': 'Cheapest output',
};

const sortOptions = modelSorts.map((value) => ({ value, label: sortLabels[value] }));

/** Search and sort. Typing waits for a pause before the server is asked; emptying the field asks at once. */
export function ModelsToolbar() {
  const [{ q, sort }, setQuery] = useQueryStates(modelsParams, { shallow: false, scroll: false });

  function search(text: string) {
    const limitUrlUpdates = text === '' ? undefined : debounce(SEARCH_DELAY_MS);
    return setQuery({ q: text, page: null }, limitUrlUpdates ? { limitUrlUpdates } : {});
  }

  return (
    <>
      <div className="relative min-w-40 flex-1 max-sm:basis-full">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-subtle-foreground" />
        <Input
          aria-label="Search models"
          className="pl-8"
          onChange={(event) => search(event.target.value)}
          placeholder="Search by name, slug or author"
          type="search"
          value={q}
        />
      </div>
      <Select
        aria-label="Sort"
        className="w-44 max-sm:flex-1"
        onValueChange={(value) =>
          setQuery({ sort: modelSorts.find((each) => each === value) ?? null, order: null, page: null })
        }
        options={sortOptions}
        value={sort}
      />
    </>
  );
}
