import type { ActionRefusal } from '../../actions/action-result.ts';

/** What is wrong with a field, for the field to show. */
export function problemOf(refusal: ActionRefusal | null, field: string): string | null {
  return refusal?.field === field ? refusal.message : null;
}

/** A refusal that belongs to no field that the form shows. */
export function FormProblem({ refusal, fields = [] }: { refusal: ActionRefusal | null; fields?: readonly string[] }) {
  if (refusal === null || (refusal.field !== null && fields.includes(refusal.field))) return null;
  return (
    <p className="rounded-md border border-danger-line bg-danger-soft px-3 py-2 text-danger-text text-sm" role="alert">
      {refusal.message}
    </p>
  );
}
