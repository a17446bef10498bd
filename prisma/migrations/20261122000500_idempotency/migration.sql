-- Answers kept for a day for retries with the same Idempotency-Key, encrypted by the gateway. Without foreign keys: a row outlives neither
-- a day nor its use, and a key that is gone cannot ask for it.
CREATE TABLE "idempotent_answer" (
    "api_key_id" TEXT NOT NULL,
    "key_hash" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "generation_id" TEXT NOT NULL,
    "claim_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "sealed" BYTEA,
    "heartbeat_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "idempotent_answer_pkey" PRIMARY KEY ("api_key_id","key_hash")
);

CREATE INDEX "idempotent_answer_expires_at_idx" ON "idempotent_answer"("expires_at");

ALTER TABLE idempotent_answer ADD CONSTRAINT idempotent_answer_state
  CHECK (state IN ('running', 'done', 'too_large', 'incomplete') AND (state = 'done') = (sealed IS NOT NULL));
-- Ciphertext does not compress; trying costs time.
ALTER TABLE idempotent_answer ALTER COLUMN sealed SET STORAGE EXTERNAL;
-- A row changes with every heartbeat: room on the page keeps that off the indexes.
ALTER TABLE idempotent_answer SET (fillfactor = 70);
