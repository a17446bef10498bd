-- Gateways ask every other second when a price last changed: two looks at the end of an index.

CREATE INDEX "price_sheet_effective_from_idx" ON "price_sheet"("effective_from");
CREATE INDEX "price_sheet_effective_to_idx" ON "price_sheet"("effective_to");
