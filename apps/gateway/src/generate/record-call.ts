import type { GenerationRecord } from '@bourse/db';
import { type AppIdentity, identifyApp } from '../snapshot/app-registry.ts';
import type { InferenceRequest } from './request.ts';
import type { Ticket } from './ticket.ts';

/** The application that a request says it comes from; null when it says nothing. */
export function attributionOf({ header }: Pick<InferenceRequest, 'header'>): AppIdentity | null {
  return identifyApp({
    referer: header('http-referer') ?? header('referer'),
    title: header('x-bourse-title') ?? header('x-openrouter-title') ?? header('x-title'),
  });
}

/** Who asked for what, as a record says it of every generation, however it was answered. */
export function recordCall(
  { request, caller, prompt }: Pick<Ticket, 'request' | 'caller' | 'prompt'>,
  { app, appId }: { readonly app: AppIdentity | null; readonly appId: number | null },
) {
  return {
    id: request.generationId,
    requestId: request.requestId,
    organizationId: caller.key.organizationId,
    apiKeyId: caller.key.id,
    appId,
    modelRequested: prompt.model,
    isStreamed: prompt.isStreamed,
    httpReferer: app?.url ?? null,
    origin: request.header('origin'),
    userAgent: request.header('user-agent'),
    endUser: prompt.endUser ?? null,
    sessionId: prompt.sessionId ?? request.header('x-session-id'),
    isDemo: caller.key.organizationIsDemo,
    createdAt: new Date(request.receivedAtMs),
  } satisfies Partial<GenerationRecord>;
}
