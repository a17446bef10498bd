-- How endpoints did, hour by hour, and what operators are to know. Gateways write both in batches, never while somebody waits.

-- Counts of sketch bins by their key; two sketches are one when their counts are added.
CREATE FUNCTION bourse_add_bins(p_one JSONB, p_other JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(b.key, b.total), '{}'::jsonb)
    FROM (SELECT e.key, sum(e.value::bigint) AS total
            FROM (SELECT * FROM jsonb_each_text(p_one) UNION ALL SELECT * FROM jsonb_each_text(p_other)) e
           GROUP BY e.key) b
$$;

CREATE TABLE "endpoint_health_hour" (
  "endpoint_id" TEXT NOT NULL,
  "hour_at" TIMESTAMPTZ(0) NOT NULL,
  "ok" BIGINT NOT NULL,
  "failed" BIGINT NOT NULL,
  "tool_answers" BIGINT NOT NULL,
  "broken_tool_answers" BIGINT NOT NULL,
  "latency_bins" JSONB NOT NULL,
  "speed_bins" JSONB NOT NULL,
  CONSTRAINT "endpoint_health_hour_pkey" PRIMARY KEY ("endpoint_id", "hour_at")
);
CREATE INDEX "endpoint_health_hour_hour_at_idx" ON "endpoint_health_hour"("hour_at");

CREATE TABLE "operator_notice" (
  "key" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "detail" TEXT NOT NULL,
  "times" INTEGER NOT NULL DEFAULT 1,
  "raised_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
  "cleared_at" TIMESTAMPTZ(6),
  CONSTRAINT "operator_notice_pkey" PRIMARY KEY ("key"),
  CONSTRAINT "operator_notice_kind_known" CHECK ("kind" IN ('credential_set_aside'))
);
CREATE INDEX "operator_notice_raised_at_idx" ON "operator_notice"("raised_at" DESC);
