-- What routing chooses by: service tiers, regions, data policies, static variants, aliases, and the end of a model's life.

ALTER TABLE "model"
  ADD COLUMN "variant" TEXT,
  ADD COLUMN "is_distillable" BOOLEAN,
  ADD COLUMN "expires_on" DATE,
  ADD COLUMN "successor_slug" TEXT,
  ADD COLUMN "default_parameters" JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN "reasoning" JSONB,
  ADD CONSTRAINT "model_variant_known" CHECK ("variant" IN ('free', 'extended', 'thinking'));

ALTER TABLE "endpoint"
  ADD COLUMN "input_tokens_max" INTEGER,
  ADD COLUMN "service_tier" TEXT NOT NULL DEFAULT 'default',
  ADD COLUMN "regions" TEXT[],
  ADD COLUMN "trains_on_data" BOOLEAN,
  ADD COLUMN "retention_days" INTEGER,
  ADD COLUMN "is_moderated" BOOLEAN NOT NULL DEFAULT false,
  ADD CONSTRAINT "endpoint_service_tier_known" CHECK ("service_tier" IN ('default', 'flex', 'priority')),
  ADD CONSTRAINT "endpoint_retention_not_negative" CHECK ("retention_days" >= 0);

CREATE TABLE "model_alias" (
  "alias" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "model_slug" TEXT NOT NULL,
  "is_listed" BOOLEAN NOT NULL DEFAULT true,
  CONSTRAINT "model_alias_pkey" PRIMARY KEY ("alias")
);
CREATE INDEX "model_alias_model_slug_idx" ON "model_alias"("model_slug");
ALTER TABLE "model_alias" ADD CONSTRAINT "model_alias_model_slug_fkey"
  FOREIGN KEY ("model_slug") REFERENCES "model"("slug") ON DELETE RESTRICT ON UPDATE CASCADE;
