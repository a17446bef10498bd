/** Settings of a gateway whose limits nobody reaches, for whoever sends more than a customer would and looks at something else. */
export const wideLimits = {
  BOURSE_KEYS_PER_HOUR: '0',
  GATEWAY_KEY_RPM: '100000000',
  GATEWAY_ORGANIZATION_RPM: '100000000',
  GATEWAY_ORGANIZATION_TPM: '1000000000',
  GATEWAY_ORGANIZATION_STREAMS: '1000000',
  GATEWAY_FREE_RPM: '100000000',
  GATEWAY_FREE_RPD: '1000000',
  // A machine that is busy with other tests is late for other reasons.
  GATEWAY_OVERLOAD_LOOP_MS: '0',
} as const;
