-- CreateTable
CREATE TABLE "api_key" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "created_by_user_id" TEXT,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "limit_nanodollars" BIGINT,
    "limit_reset" TEXT,
    "include_byok_in_limit" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(6),
    "expires_at" TIMESTAMPTZ(6),
    "deleted_at" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "author" (
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "author_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "provider" (
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "privacy_policy_url" TEXT,
    "terms_of_service_url" TEXT,
    "status_page_url" TEXT,
    "headquarters" TEXT,
    "datacenters" TEXT[],
    "is_sandbox" BOOLEAN NOT NULL,
    "is_listed" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "provider_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "model" (
    "slug" TEXT NOT NULL,
    "canonical_slug" TEXT NOT NULL,
    "author_slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "released_on" DATE,
    "context_tokens_max" INTEGER,
    "input_modalities" TEXT[],
    "output_modalities" TEXT[],
    "tokenizer" TEXT NOT NULL,
    "knowledge_cutoff" TEXT,
    "hugging_face_id" TEXT,
    "is_sandbox" BOOLEAN NOT NULL,
    "is_listed" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "model_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "endpoint" (
    "id" TEXT NOT NULL,
    "model_slug" TEXT NOT NULL,
    "provider_slug" TEXT NOT NULL,
    "tag" TEXT NOT NULL,
    "upstream_model" TEXT NOT NULL,
    "context_tokens_max" INTEGER NOT NULL,
    "output_tokens_max" INTEGER,
    "quantization" TEXT,
    "supported_parameters" TEXT[],
    "markup_bps" INTEGER,
    "is_enabled" BOOLEAN NOT NULL,
    "is_listed" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_sheet" (
    "id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "effective_from" TIMESTAMPTZ(6) NOT NULL,
    "effective_to" TIMESTAMPTZ(6),
    "source_url" TEXT NOT NULL,
    "checked_on" DATE NOT NULL,
    "lines" JSONB NOT NULL,

    CONSTRAINT "price_sheet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "catalog_version" (
    "id" SERIAL NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "catalog_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "generation" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "api_key_id" TEXT NOT NULL,
    "app_id" INTEGER,
    "request_id" TEXT NOT NULL,
    "model_requested" TEXT NOT NULL,
    "model_slug" TEXT NOT NULL,
    "provider_slug" TEXT,
    "endpoint_id" TEXT,
    "upstream_id" TEXT,
    "is_streamed" BOOLEAN NOT NULL,
    "is_cancelled" BOOLEAN NOT NULL,
    "end" TEXT NOT NULL,
    "finish_reason" TEXT,
    "native_finish_reason" TEXT,
    "usage" JSONB NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "reasoning_tokens" INTEGER NOT NULL,
    "cached_tokens" INTEGER NOT NULL,
    "charge_nanodollars" BIGINT NOT NULL,
    "cost_nanodollars" BIGINT NOT NULL,
    "basis" TEXT NOT NULL,
    "flags" TEXT[],
    "receipt" JSONB,
    "attempts" JSONB NOT NULL,
    "latency_ms" INTEGER,
    "generation_ms" INTEGER,
    "http_referer" TEXT,
    "origin" TEXT,
    "user_agent" TEXT,
    "end_user" TEXT,
    "session_id" TEXT,
    "is_demo" BOOLEAN NOT NULL,
    "error_code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "generation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app" (
    "id" SERIAL NOT NULL,
    "url" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "is_demo" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified_at" TIMESTAMPTZ(6),
    "name" TEXT,
    "image" TEXT,
    "is_operator" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "login" (
    "provider" TEXT NOT NULL,
    "provider_account_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "login_pkey" PRIMARY KEY ("provider","provider_account_id")
);

-- CreateTable
CREATE TABLE "session" (
    "token_hash" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "verification_token" (
    "identifier" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "verification_token_pkey" PRIMARY KEY ("identifier","token_hash")
);

-- CreateTable
CREATE TABLE "organization" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "is_personal" BOOLEAN NOT NULL DEFAULT false,
    "is_demo" BOOLEAN NOT NULL DEFAULT false,
    "stripe_customer_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "organization_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_account" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "organization_id" TEXT,
    "posted_nanodollars" BIGINT NOT NULL DEFAULT 0,
    "held_nanodollars" BIGINT NOT NULL DEFAULT 0,
    "floor_nanodollars" BIGINT NOT NULL DEFAULT 0,
    "is_frozen" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_transaction" (
    "id" BIGSERIAL NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "flags" TEXT[],
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "ledger_transaction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "transaction_id" BIGINT NOT NULL,
    "line" SMALLINT NOT NULL,
    "account_id" TEXT NOT NULL,
    "amount_nanodollars" BIGINT NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("transaction_id","line")
);

-- CreateTable
CREATE TABLE "hold" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "api_key_id" TEXT NOT NULL,
    "window_start" DATE NOT NULL,
    "amount_nanodollars" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'held',
    "settled_nanodollars" BIGINT,
    "gateway_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "resolved_at" TIMESTAMPTZ(6),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "key_window" (
    "api_key_id" TEXT NOT NULL,
    "window_start" DATE NOT NULL,
    "used_nanodollars" BIGINT NOT NULL DEFAULT 0,
    "held_nanodollars" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "key_window_pkey" PRIMARY KEY ("api_key_id","window_start")
);

-- CreateTable
CREATE TABLE "topup" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "user_id" TEXT,
    "amount_nanodollars" BIGINT NOT NULL,
    "amount_cents" INTEGER NOT NULL,
    "fee_cents" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "checkout_session_id" TEXT,
    "payment_intent_id" TEXT,
    "state" TEXT NOT NULL DEFAULT 'created',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "granted_at" TIMESTAMPTZ(6),

    CONSTRAINT "topup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stripe_event" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "object_id" TEXT NOT NULL,
    "payload_sha256" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stripe_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rollup_hourly" (
    "bucket_at" TIMESTAMPTZ(0) NOT NULL,
    "model_slug" TEXT NOT NULL,
    "provider_slug" TEXT NOT NULL,
    "app_id" INTEGER NOT NULL,
    "is_demo" BOOLEAN NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "charge_nanodollars" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,

    CONSTRAINT "rollup_hourly_pkey" PRIMARY KEY ("bucket_at","model_slug","provider_slug","app_id","is_demo")
);

-- CreateTable
CREATE TABLE "rollup_daily" (
    "bucket_at" TIMESTAMPTZ(0) NOT NULL,
    "model_slug" TEXT NOT NULL,
    "provider_slug" TEXT NOT NULL,
    "app_id" INTEGER NOT NULL,
    "is_demo" BOOLEAN NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "charge_nanodollars" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,

    CONSTRAINT "rollup_daily_pkey" PRIMARY KEY ("bucket_at","model_slug","provider_slug","app_id","is_demo")
);

-- CreateTable
CREATE TABLE "rollup_state" (
    "name" TEXT NOT NULL,
    "watermark_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "rollup_state_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "api_key_organization_id_created_at_idx" ON "api_key"("organization_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "model_author_slug_idx" ON "model"("author_slug");

-- CreateIndex
CREATE INDEX "endpoint_model_slug_idx" ON "endpoint"("model_slug");

-- CreateIndex
CREATE INDEX "endpoint_provider_slug_idx" ON "endpoint"("provider_slug");

-- CreateIndex
CREATE INDEX "price_sheet_endpoint_id_effective_from_idx" ON "price_sheet"("endpoint_id", "effective_from");

-- CreateIndex
CREATE INDEX "generation_organization_id_created_at_idx" ON "generation"("organization_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "generation_api_key_id_created_at_idx" ON "generation"("api_key_id", "created_at");

-- CreateIndex
CREATE INDEX "generation_recorded_at_idx" ON "generation" USING BRIN ("recorded_at");

-- CreateIndex
CREATE INDEX "generation_created_at_idx" ON "generation" USING BRIN ("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "app_url_key" ON "app"("url");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "login_user_id_idx" ON "login"("user_id");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "session_expires_at_idx" ON "session"("expires_at");

-- CreateIndex
CREATE INDEX "verification_token_expires_at_idx" ON "verification_token"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "organization_stripe_customer_id_key" ON "organization"("stripe_customer_id");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE INDEX "audit_log_target_created_at_idx" ON "audit_log"("target", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_account_organization_id_key" ON "ledger_account"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_transaction_idempotency_key_key" ON "ledger_transaction"("idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "topup_checkout_session_id_key" ON "topup"("checkout_session_id");

-- CreateIndex
CREATE UNIQUE INDEX "topup_payment_intent_id_key" ON "topup"("payment_intent_id");

-- CreateIndex
CREATE INDEX "topup_organization_id_created_at_idx" ON "topup"("organization_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "stripe_event_object_id_idx" ON "stripe_event"("object_id");

-- CreateIndex
CREATE INDEX "rollup_hourly_model_slug_bucket_at_idx" ON "rollup_hourly"("model_slug", "bucket_at");

-- CreateIndex
CREATE INDEX "rollup_daily_model_slug_bucket_at_idx" ON "rollup_daily"("model_slug", "bucket_at");

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model" ADD CONSTRAINT "model_author_slug_fkey" FOREIGN KEY ("author_slug") REFERENCES "author"("slug") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_model_slug_fkey" FOREIGN KEY ("model_slug") REFERENCES "model"("slug") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_provider_slug_fkey" FOREIGN KEY ("provider_slug") REFERENCES "provider"("slug") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_sheet" ADD CONSTRAINT "price_sheet_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "login" ADD CONSTRAINT "login_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_account" ADD CONSTRAINT "ledger_account_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "topup" ADD CONSTRAINT "topup_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
