import { Card, DataTable, type DataTableColumn } from '@bourse/ui';
import { Prose, Term } from './docs-section.tsx';

type AvailabilityRow = { code: string; status: string; meaning: string; retryable: boolean };

const rows: readonly AvailabilityRow[] = [
  {
    code: 'model_not_found',
    status: '400',
    meaning: 'No model has this name. The error suggests those that come close.',
    retryable: false,
  },
  {
    code: 'wrong_endpoint',
    status: '400',
    meaning: 'A model of another kind: the error names the route that serves it.',
    retryable: false,
  },
  {
    code: 'no_endpoints',
    status: '404',
    meaning: 'Nobody serves the model now. Choose another one.',
    retryable: false,
  },
  {
    code: 'model_deprecated',
    status: '404',
    meaning: 'The model has left the catalog, and nothing succeeds it.',
    retryable: false,
  },
  {
    code: 'free_variant_ended',
    status: '404',
    meaning: 'Nobody serves it for free any more. Drop ":free" from the name.',
    retryable: false,
  },
  {
    code: 'privacy_restricted',
    status: '404',
    meaning: 'provider.data_collection or provider.zdr leaves nobody.',
    retryable: false,
  },
  {
    code: 'constraint_filtered',
    status: '404',
    meaning: 'Settings of the request leave nobody: excluded_by and constraint say which.',
    retryable: false,
  },
  { code: 'region_restricted', status: '403', meaning: 'Nobody serves it in these regions.', retryable: false },
  {
    code: 'capacity_exhausted',
    status: '429',
    meaning: 'Every provider that was asked is at its own rate limit. Wait for retry_after, or allow more providers.',
    retryable: true,
  },
  {
    code: 'temporarily_unavailable',
    status: '502 to 504',
    meaning: 'Every provider that was asked failed, or none can be asked for the moment.',
    retryable: true,
  },
];

const columns: readonly DataTableColumn<AvailabilityRow>[] = [
  { id: 'status', header: 'Status', align: 'right', cell: (row) => row.status, className: 'w-24' },
  {
    id: 'code',
    header: 'Code',
    cell: (row) => (
      <code className="font-mono text-xs" id={row.code}>
        {row.code}
      </code>
    ),
  },
  { id: 'meaning', header: 'Meaning', cell: (row) => row.meaning, className: 'min-w-64' },
  {
    id: 'retry',
    header: 'Retry',
    cell: (row) => (row.retryable ? 'may help' : 'no'),
    className: 'whitespace-nowrap',
  },
];

/** Why nobody could be asked, or nobody answered: what `error.availability.code` says, and where `docs_url` leads. */
export function Availability() {
  return (
    <>
      <Prose>
        When nobody could be asked, or nobody answered, <Term>availability</Term> says why in words that do not change:
      </Prose>
      <Card>
        <DataTable
          align="top"
          columns={columns}
          empty={null}
          label="Availability"
          rowKey={(row) => row.code}
          rows={rows}
        />
      </Card>
    </>
  );
}
