import { type ErrorCode, errorTable } from '@bourse/errors';
import { Card, DataTable, type DataTableColumn } from '@bourse/ui';
import { Code } from '../../../../components/code/code.tsx';
import { Availability } from './availability.tsx';
import { DocsSection, Prose, Term } from './docs-section.tsx';
import { errorMeanings } from './error-meanings.ts';

type ErrorRow = { code: ErrorCode; status: number; type: string; retryable: boolean };

const rows: readonly ErrorRow[] = Object.keys(errorTable)
  .filter((code): code is ErrorCode => code in errorTable)
  .map((code) => ({ code, ...errorTable[code] }));

const columns: readonly DataTableColumn<ErrorRow>[] = [
  { id: 'status', header: 'Status', align: 'right', cell: (row) => row.status, className: 'w-16' },
  {
    id: 'type',
    header: 'Type',
    cell: (row) => <code className="font-mono text-xs">{row.type}</code>,
  },
  { id: 'meaning', header: 'Meaning', cell: (row) => errorMeanings[row.code], className: 'min-w-64' },
  {
    id: 'retry',
    header: 'Retry',
    cell: (row) => (row.retryable ? 'may help' : 'no'),
    className: 'whitespace-nowrap',
  },
];

/** What can go wrong, from the very table that the gateway answers by. */
export function Errors() {
  return (
    <DocsSection id="errors" title="Errors">
      <Prose>
        Errors are JSON with the HTTP status as <Term>code</Term>, a sentence for people as <Term>message</Term>, a
        stable word as <Term>type</Term>, and facts for programs in <Term>metadata</Term>. They are never HTML, and a
        request that ends in one before its first token costs nothing.
      </Prose>
      <Code
        code={`{
  "error": {
    "code": 402,
    "message": "Add credits to continue.",
    "type": "payment_required",
    "param": null,
    "metadata": {
      "error_type": "payment_required",
      "generation_id": "gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T"
    }
  }
}`}
        label="An error"
        language="json"
      />
      <Card>
        <DataTable align="top" columns={columns} empty={null} label="Errors" rowKey={(row) => row.code} rows={rows} />
      </Card>
      <Availability />
    </DocsSection>
  );
}
