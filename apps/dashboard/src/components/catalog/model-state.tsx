import { StatusDot } from '@bourse/ui';

/** Whether something can be called here, in words. `null` = the gateway did not say. */
export function CallableState({ isCallable }: { isCallable: boolean | null }) {
  if (isCallable === null)
    return (
      <StatusDot title="The gateway did not say" tone="neutral">
        Unknown
      </StatusDot>
    );
  return isCallable ? (
    <StatusDot tone="accent">Available</StatusDot>
  ) : (
    <StatusDot className="text-muted-foreground" title="No provider of it is configured on this market" tone="neutral">
      Listed only
    </StatusDot>
  );
}
