'use client';

import { Button, Sheet, SheetClose, SheetContent, SheetTitle, SheetTrigger } from '@bourse/ui';
import { SlidersHorizontal } from 'lucide-react';
import type { Facets } from '../filter-models.ts';
import { FilterPanel } from './filter-panel.tsx';

/** The filters of narrow screens, in a sheet. */
export function FilterSheet({
  facets,
  activeCount,
  resultCount,
}: {
  facets: Facets;
  activeCount: number;
  resultCount: number;
}) {
  return (
    <Sheet>
      <SheetTrigger asChild>
        <Button className="lg:hidden">
          <SlidersHorizontal aria-hidden />
          Filters
          {activeCount > 0 ? <span className="numeric text-accent-text">{activeCount}</span> : null}
        </Button>
      </SheetTrigger>
      <SheetContent>
        <SheetTitle className="mb-4 font-medium text-lg">Filters</SheetTitle>
        <FilterPanel facets={facets} />
        <SheetClose asChild>
          <Button className="sticky bottom-0 mt-5 shrink-0" size="lg" variant="primary">
            Show {resultCount} models
          </Button>
        </SheetClose>
      </SheetContent>
    </Sheet>
  );
}
