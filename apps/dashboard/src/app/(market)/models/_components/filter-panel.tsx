'use client';

import { Button, Switch } from '@bourse/ui';
import { useQueryStates } from 'nuqs';
import type { Facets } from '../filter-models.ts';
import { modelsParams } from '../search-params.ts';
import { FacetGroup } from './facet-group.tsx';
import { StepGroup } from './step-group.tsx';

const contextSteps = [
  { value: 0, label: 'Any' },
  { value: 32_000, label: '32K' },
  { value: 128_000, label: '128K' },
  { value: 200_000, label: '200K' },
  { value: 1_000_000, label: '1M' },
];

const priceSteps = [
  { value: -1, label: 'Any' },
  { value: 0, label: 'Free' },
  { value: 0.5, label: '$0.50' },
  { value: 2, label: '$2' },
  { value: 5, label: '$5' },
];

/** The filters of the list. Every change goes to the URL, and the server answers with the new list. */
export function FilterPanel({ facets }: { facets: Facets }) {
  const [query, setQuery] = useQueryStates(modelsParams, { shallow: false, scroll: false });
  const set = (change: Partial<typeof query>) => setQuery({ ...change, page: null });
  const clear = () =>
    setQuery({
      q: null,
      author: null,
      provider: null,
      input: null,
      output: null,
      zdr: null,
      param: null,
      context: null,
      price: null,
      routable: null,
      page: null,
    });
  return (
    <form aria-label="Filters" className="grid gap-5" onSubmit={(event) => event.preventDefault()}>
      <label className="flex items-center justify-between gap-3 text-sm" htmlFor="filter-routable">
        Can be called here
        <Switch checked={query.routable} id="filter-routable" onCheckedChange={(routable) => set({ routable })} />
      </label>
      <label className="flex items-center justify-between gap-3 text-sm" htmlFor="filter-zdr">
        Stores nothing
        <Switch checked={query.zdr} id="filter-zdr" onCheckedChange={(zdr) => set({ zdr })} />
      </label>
      <StepGroup
        label="Input price, at most"
        onChange={(price) => set({ price })}
        steps={priceSteps}
        unit="per million tokens"
        value={query.price}
      />
      <StepGroup
        label="Context, at least"
        onChange={(context) => set({ context })}
        steps={contextSteps}
        unit="tokens"
        value={query.context}
      />
      <FacetGroup chosen={query.input} label="Accepts" onChange={(input) => set({ input })} options={facets.input} />
      <FacetGroup chosen={query.output} label="Makes" onChange={(output) => set({ output })} options={facets.output} />
      <FacetGroup chosen={query.author} label="Author" onChange={(author) => set({ author })} options={facets.author} />
      <FacetGroup
        chosen={query.provider}
        label="Provider"
        onChange={(provider) => set({ provider })}
        options={facets.provider}
      />
      <FacetGroup chosen={query.param} label="Supports" onChange={(param) => set({ param })} options={facets.param} />
      <Button onClick={clear} size="sm">
        Clear filters
      </Button>
    </form>
  );
}
