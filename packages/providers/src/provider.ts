import type { JsonObject, Prompt } from '@bourse/generation';
import type { CalledFormat, CallTarget, ProviderFailure } from '@bourse/wire';

/** A secret for one provider, bound to the base URL it was configured with: a request can never choose a host. */
export interface Credential {
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Gives a living access token, where calls are made with one of those instead of the key. */
  readonly accessToken?: () => Promise<string>;
  /** Signs a call, where the secret is proven and never sent. */
  readonly sign?: (request: ProviderRequest) => Promise<ProviderRequest>;
}

/** The environment as one provider sees it: variables by what follows the provider's prefix. A variable set to nothing is not set. */
export interface CredentialSettings {
  /** The variable's whole name, for error messages. */
  readonly variable: (suffix: string) => string;
  readonly read: (suffix: string) => string | null;
  /** A secret that goes into a header. Throws an Error that names the variable when it cannot. */
  readonly readKey: (suffix: string) => string | null;
  /** `<SLUG>_BASE_URL`, else the provider's own. */
  readonly baseUrl: string | null;
}

/** The HTTP call to make, before authorization. Header names are lower case. */
export interface ProviderRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Sent in place of the body where that is no text: a form with a file. */
  readonly form?: Uint8Array;
}

/** One API of a provider: a dialect, where it is spoken, and what is peculiar about it. */
export interface ProviderApi {
  readonly wire: CalledFormat;
  /** Its answers are not quite the dialect that clients were promised (`reasoning_content`, thinking parts): they are read and written anew. */
  readonly isRebuilt?: boolean;
  /** Behind the base URL. */
  readonly path: (target: CallTarget) => string;
  /** Documented quirks only; say where it was read, and when. */
  readonly adjustBody?: (body: JsonObject, prompt: Prompt) => JsonObject;
  /** What the API wants to know of a body beside it: its version, or a preview that the body makes use of. */
  readonly headersFor?: (body: JsonObject) => Readonly<Record<string, string>>;
}

/** Everything that differs between two providers that speak the same dialect. Data first, functions last. */
export interface Provider {
  /** OpenRouter's slug, e.g. "google-ai-studio"; the environment prefix is the slug in capitals with underscores. */
  readonly id: string;
  readonly name: string;
  /** Null when only configuration can know it (any OpenAI-compatible URL, a LiteLLM proxy, the sandbox). */
  readonly baseUrl: string | null;
  /** A server of the operator's own: configured by its base URL alone. */
  readonly isKeyOptional?: boolean;
  /** `bills_anyway`: hanging up does not stop the bill, so the answer is drained to learn the true usage. */
  readonly onCancel: 'stops_billing' | 'bills_anyway';
  /** The API through which a model of the provider is asked; null when there is none for such a prompt. */
  readonly apiFor: (prompt: Prompt, upstreamModel: string) => ProviderApi | null;
  /** May have to fetch a token first; it rejects where none is to be had. */
  readonly authorize: (request: ProviderRequest, credential: Credential) => ProviderRequest | Promise<ProviderRequest>;
  /** How its credential is configured, where that is more than a key and a URL. Throws an Error that names the first wrong variable. */
  readonly credentialFrom?: (settings: CredentialSettings) => Credential | null;
  readonly classify?: (failure: ProviderFailure) => ProviderFailure;
}
