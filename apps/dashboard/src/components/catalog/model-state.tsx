import { StatusDot } from '@bourse/ui';

/** Whether something can be called here, in words. `null` = the gateway did not say. */
export function CallableState({ isCallable }: { isCallable: boolean | null }) {
  if (isCallable === null) return <StatusDot tone="neutral">Unknown</StatusDot>;
  return isCallable ? (
    <StatusDot tone="accent">Available</StatusDot>
  ) : (
    <StatusDot className="text-muted-foreground" tone="neutral">
      Listed only
    </StatusDot>
  );
}
