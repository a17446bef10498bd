import { FAULT_NAMES } from './faults.ts';

const MODELS = [
  'atlas-1',
  'atlas-1-mini',
  'atlas-instant',
  'atlas-reason',
  'atlas-tool',
  'atlas-embed',
  'atlas-rank',
  'atlas-paint',
  'atlas-voice',
  'atlas-listen',
];
/** 2026-01-01, so that a listing is the same on every day. */
const CREATED = 1_767_225_600;

/** The body of `GET /models`. Any other name is served as well; these are the ones worth knowing. */
export function listModels(provider: string) {
  const ids = [...MODELS, ...FAULT_NAMES.map((name) => `atlas-instant-fault-${name}`)];
  return { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: provider })) };
}
