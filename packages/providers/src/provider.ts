import type { JsonObject, Prompt } from '@bourse/generation';
import type { CalledFormat, CallTarget, ProviderFailure } from '@bourse/wire';

/** A secret for one provider, bound to the base URL it was configured with: a request can never choose a host. */
export interface Credential {
  readonly apiKey: string;
  readonly baseUrl: string;
}

/** The HTTP call to make, before authorization. Header names are lower case. */
export interface ProviderRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
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
  readonly authorize: (request: ProviderRequest, credential: Credential) => ProviderRequest;
  readonly classify?: (failure: ProviderFailure) => ProviderFailure;
}
