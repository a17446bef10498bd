import { type ColumnSort, DataTable, type DataTableColumn } from '@bourse/ui';
import { ModelLink } from '../../../../components/catalog/model-link.tsx';
import { CallableState } from '../../../../components/catalog/model-state.tsx';
import { Day } from '../../../../components/format/ago.tsx';
import { PricePerMillion, Unknown } from '../../../../components/format/price-per-million.tsx';
import { ContextTokens, Tokens } from '../../../../components/format/tokens.tsx';
import { AppLink } from '../../../../components/link.tsx';
import type { ModelSummary } from '../../../../data/catalog.ts';
import { orderOf } from '../filter-models.ts';
import { type ModelSort, type ModelsQuery, modelsHref } from '../search-params.ts';

type ModelTableProps = { models: readonly ModelSummary[]; query: ModelsQuery };

/** Models as a table to compare, sortable by every column of numbers. */
export function ModelTable({ models, query }: ModelTableProps) {
  return (
    <DataTable
      columns={columnsFor(query)}
      empty={null}
      label="Models"
      link={AppLink}
      rowKey={(model) => model.slug}
      rows={models}
    />
  );
}

function columnsFor(query: ModelsQuery): readonly DataTableColumn<ModelSummary>[] {
  const sort = (name: ModelSort) => sortBy(name, query);
  return [
    {
      id: 'name',
      header: 'Model',
      sort: sort('name'),
      cell: (model) => <ModelLink authorName={model.author.name} author="below" name={model.name} slug={model.slug} />,
      className: 'min-w-52',
    },
    {
      id: 'tokens',
      header: 'Tokens, week',
      align: 'right',
      sort: sort('popular'),
      cell: (model) => <Tokens count={model.tokensThisWeek} />,
    },
    {
      id: 'input',
      header: 'Input $/M',
      align: 'right',
      sort: sort('input-price'),
      cell: (model) => <PricePerMillion price={model.inputPrice} />,
    },
    {
      id: 'output',
      header: 'Output $/M',
      align: 'right',
      sort: sort('output-price'),
      cell: (model) => <PricePerMillion price={model.outputPrice} />,
    },
    {
      id: 'context',
      header: 'Context',
      align: 'right',
      sort: sort('context'),
      cell: (model) =>
        model.contextTokensMax === null ? <Unknown /> : <ContextTokens count={model.contextTokensMax} />,
    },
    { id: 'providers', header: 'Providers', align: 'right', cell: (model) => model.providers.length },
    {
      id: 'released',
      header: 'Released',
      align: 'right',
      sort: sort('newest'),
      cell: (model) => (model.releasedOn === null ? <Unknown /> : <Day date={model.releasedOn} />),
    },
    { id: 'state', header: 'State', cell: (model) => <CallableState isCallable={model.isRoutable} /> },
  ];
}

/** A click on the sorted column turns the order around; on another one it sorts in that one's natural order. */
function sortBy(name: ModelSort, query: ModelsQuery): ColumnSort {
  const current = orderOf(query);
  if (query.sort !== name) {
    return { direction: 'none', href: `/models${modelsHref({ ...query, sort: name, order: null, page: null })}` };
  }
  const order = current === 'up' ? 'down' : 'up';
  return {
    direction: current === 'up' ? 'ascending' : 'descending',
    href: `/models${modelsHref({ ...query, order, page: null })}`,
  };
}
