import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import type { ComponentType, ReactNode } from 'react';
import { cn } from './cn.ts';
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from './table.tsx';

/** How the rows are ordered by a column now, and where a click on its name leads (the same page with another order). */
export type ColumnSort = { href: string; direction: 'ascending' | 'descending' | 'none' };

/** One column. `cell` renders a row's value on the server; numbers are aligned right in tabular digits. */
export type DataTableColumn<Row> = {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: 'left' | 'right';
  sort?: ColumnSort;
  className?: string | undefined;
};

/** The application's link component, so that sorting does not reload the document. */
export type LinkComponent = ComponentType<{
  href: string;
  className?: string | undefined;
  children: ReactNode;
  scroll?: boolean;
  'aria-current'?: 'page' | undefined;
  'aria-label'?: string;
}>;

/** What a table needs. `label` names it for screen readers; `empty` stands in the place of no rows. */
export type DataTableProps<Row> = {
  label: string;
  columns: readonly DataTableColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  empty: ReactNode;
  link?: LinkComponent;
  /** Where values stand in rows that are several lines high. */
  align?: 'middle' | 'top';
  className?: string | undefined;
};

/**
 * A table whose order and filters live in the URL: it renders on the server, sorts by links (so without scripts too), says its
 * order with `aria-sort`, and shows `empty` instead of a bare head.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, empty, link, align = 'middle', className } = props;
  if (rows.length === 0) return empty;
  return (
    <Table className={className} label={label}>
      <TableHead>
        <tr>
          {columns.map((column) => (
            <TableHeaderCell
              aria-sort={column.sort?.direction}
              className={cn(column.align === 'right' && 'text-right', column.className)}
              key={column.id}
            >
              <HeaderContent align={column.align} link={link} sort={column.sort}>
                {column.header}
              </HeaderContent>
            </TableHeaderCell>
          ))}
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={rowKey(row)}>
            {columns.map((column) => (
              <TableCell
                className={cn(
                  align === 'top' && 'align-top',
                  column.align === 'right' && 'numeric text-right',
                  column.className,
                )}
                key={column.id}
              >
                {column.cell(row)}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

const sortIcons = { ascending: ArrowUp, descending: ArrowDown, none: ChevronsUpDown } as const;

type HeaderContentProps = {
  align: 'left' | 'right' | undefined;
  sort: ColumnSort | undefined;
  link: LinkComponent | undefined;
  children: ReactNode;
};

function HeaderContent({ align, sort, link: Link, children }: HeaderContentProps) {
  if (!sort || !Link) return children;
  const Icon = sortIcons[sort.direction];
  return (
    <Link
      className={cn(
        'group inline-flex items-center gap-1 rounded-sm align-middle hover:text-foreground',
        align === 'right' && 'flex-row-reverse',
        sort.direction !== 'none' && 'text-foreground',
      )}
      href={sort.href}
      scroll={false}
    >
      {children}
      <Icon
        aria-hidden
        className={cn('size-3', sort.direction === 'none' && 'opacity-0 group-hover:opacity-60 group-focus:opacity-60')}
      />
    </Link>
  );
}
