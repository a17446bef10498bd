import { hash } from 'node:crypto';

/**
 * The id of the one workspace that an organization has. OpenRouter's clients demand a UUID with every key and send it back as a filter;
 * ours is derived (UUID version 8 of the organization's id), so that it is the same for ever without being stored.
 */
export function workspaceIdOf(organizationId: string): string {
  const hex = hash('sha256', `workspace:${organizationId}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
