-- The catalog's past and future: what changed and when, what a feed proposed that a person must look at, and how each look at the sources ended.

ALTER TABLE "model" ADD COLUMN "listed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

ALTER TABLE "catalog_version"
  ADD COLUMN "origin" TEXT NOT NULL DEFAULT 'data',
  ADD COLUMN "actor" TEXT,
  ADD CONSTRAINT "catalog_version_origin_known" CHECK ("origin" IN ('data', 'sync', 'review'));

CREATE TABLE "catalog_change" (
  "id" BIGSERIAL NOT NULL,
  "version_id" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "kind" TEXT NOT NULL,
  "model_slug" TEXT NOT NULL,
  "endpoint_id" TEXT,
  "price_before_id" TEXT,
  "price_after_id" TEXT,
  CONSTRAINT "catalog_change_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "catalog_change_kind_known"
    CHECK ("kind" IN ('model_added', 'model_removed', 'endpoint_added', 'endpoint_removed', 'price_changed')),
  CONSTRAINT "catalog_change_prices" CHECK (("kind" = 'price_changed') = ("price_before_id" IS NOT NULL))
);
CREATE INDEX "catalog_change_model_slug_id_idx" ON "catalog_change"("model_slug", "id" DESC);
CREATE INDEX "catalog_change_kind_id_idx" ON "catalog_change"("kind", "id" DESC);
ALTER TABLE "catalog_change"
  ADD CONSTRAINT "catalog_change_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "catalog_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT "catalog_change_model_slug_fkey" FOREIGN KEY ("model_slug") REFERENCES "model"("slug") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT "catalog_change_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT "catalog_change_price_before_id_fkey" FOREIGN KEY ("price_before_id") REFERENCES "price_sheet"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT "catalog_change_price_after_id_fkey" FOREIGN KEY ("price_after_id") REFERENCES "price_sheet"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE TRIGGER catalog_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "catalog_change"
  FOR EACH STATEMENT EXECUTE FUNCTION bourse_refuse_change();

CREATE TABLE "catalog_proposal" (
  "id" SERIAL NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "source" TEXT NOT NULL,
  "fingerprint" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "summary" TEXT NOT NULL,
  "reasons" TEXT[],
  "change" JSONB NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'pending',
  "decided_at" TIMESTAMPTZ(6),
  "decided_by" TEXT,
  "note" TEXT,
  CONSTRAINT "catalog_proposal_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "catalog_proposal_status_known" CHECK ("status" IN ('pending', 'approved', 'rejected', 'superseded')),
  CONSTRAINT "catalog_proposal_decided" CHECK (("status" = 'pending') = ("decided_at" IS NULL))
);
CREATE INDEX "catalog_proposal_status_id_idx" ON "catalog_proposal"("status", "id");
CREATE INDEX "catalog_proposal_fingerprint_idx" ON "catalog_proposal"("fingerprint");
-- The same thing waits for a person once, however many look at the sources at the same time.
CREATE UNIQUE INDEX catalog_proposal_pending_once ON "catalog_proposal" ("fingerprint") WHERE "status" = 'pending';

CREATE TABLE "catalog_sync" (
  "id" SERIAL NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "source" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "applied" INTEGER NOT NULL,
  "held" INTEGER NOT NULL,
  "problem" TEXT,
  CONSTRAINT "catalog_sync_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "catalog_sync_outcome_known" CHECK ("outcome" IN ('unchanged', 'applied', 'held', 'refused')),
  CONSTRAINT "catalog_sync_counts" CHECK ("applied" >= 0 AND "held" >= 0)
);
