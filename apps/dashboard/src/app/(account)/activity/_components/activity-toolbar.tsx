'use client';

import { Button, Input, Select } from '@bourse/ui';
import { X } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { endWords } from '../../../../components/activity/end-words.ts';
import { activityParams, ends } from '../search-params.ts';

/** Something to choose, by id and name. */
export type Choice = { id: string; name: string };

/** Radix keeps the empty string for "nothing chosen", so "all" needs a word of its own that no id can be. */
const ALL = '*';

const endChoices = ends.map((end) => ({ id: end, name: endWords[end].label }));

/** The filters of the list; each change asks the server at once, from the first page. */
export function ActivityToolbar({ models, keys }: { models: readonly Choice[]; keys: readonly Choice[] }) {
  const [query, setQuery] = useQueryStates(activityParams, { shallow: false, scroll: false });
  const { model, key, end, from, to } = query;
  const isFiltered = [model, key, end, from, to].some((value) => value !== null);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Filter
        all="All models"
        choices={models}
        onChange={(id) => setQuery({ model: id, cursor: null })}
        value={model}
      />
      <Filter all="All keys" choices={keys} onChange={(id) => setQuery({ key: id, cursor: null })} value={key} />
      <Filter
        all="Any end"
        choices={endChoices}
        onChange={(id) => setQuery({ end: ends.find((each) => each === id) ?? null, cursor: null })}
        value={end}
      />
      <Day label="First day" onChange={(day) => setQuery({ from: day, cursor: null })} value={from} />
      <Day label="Last day" onChange={(day) => setQuery({ to: day, cursor: null })} value={to} />
      {isFiltered ? (
        <Button
          onClick={() => setQuery({ model: null, key: null, end: null, from: null, to: null, cursor: null })}
          variant="ghost"
        >
          <X aria-hidden />
          Clear
        </Button>
      ) : null}
    </div>
  );
}

type FilterProps = {
  all: string;
  choices: readonly Choice[];
  value: string | null;
  onChange: (id: string | null) => void;
};

function Filter({ all, choices, value, onChange }: FilterProps) {
  const options = [{ value: ALL, label: all }, ...choices.map(({ id, name }) => ({ value: id, label: name }))];
  return (
    <Select
      aria-label={all}
      className="w-auto max-w-52"
      onValueChange={(id) => onChange(id === ALL ? null : id)}
      options={options}
      value={value ?? ALL}
    />
  );
}

function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | null;
  onChange: (day: string | null) => void;
}) {
  return (
    <Input
      aria-label={`${label}, UTC`}
      className="w-36"
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      title={`${label}, UTC`}
      type="date"
      value={value ?? ''}
    />
  );
}
