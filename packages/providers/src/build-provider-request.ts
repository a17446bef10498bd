import type { Prompt } from '@bourse/generation';
import type { CallTarget } from '@bourse/wire';
import { encodeForm } from './form-request.ts';
import type { Credential, Provider, ProviderApi, ProviderRequest } from './provider.ts';

/** What a call is made of. */
export interface ProviderCall {
  readonly provider: Provider;
  readonly api: ProviderApi;
  readonly credential: Credential;
  readonly prompt: Prompt;
  readonly target: CallTarget;
}

/**
 * The HTTP call, ready to send. The host is the credential's and nobody else's, and the headers are built here, never
 * copied: nothing of the client's (address, cookies, referer, its own key) reaches a provider.
 */
export function buildProviderRequest({
  provider,
  api,
  credential,
  prompt,
  target,
}: ProviderCall): ProviderRequest | Promise<ProviderRequest> {
  const encoded = api.wire.encodePrompt(prompt, target);
  const body = api.adjustBody ? api.adjustBody(encoded, prompt) : encoded;
  const request: ProviderRequest = {
    method: 'POST',
    url: credential.baseUrl + api.path(target),
    headers: {
      'content-type': 'application/json',
      accept: target.isStreamed ? api.wire.streamType : 'application/json',
      'user-agent': 'bourse/1',
      ...api.headersFor?.(body),
    },
    body: JSON.stringify(body),
  };
  if (prompt.upload === undefined) return provider.authorize(request, credential);
  return encodeForm(body, prompt.upload).then((form) => {
    const headers = { ...request.headers, 'content-type': form.contentType };
    return provider.authorize({ ...request, headers, form: form.bytes }, credential);
  });
}
