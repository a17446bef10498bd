import type { Credential, CredentialSettings, Provider } from './provider.ts';
import { providerRegistry } from './registry.ts';
import { sandboxProviders } from './sandbox.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The prefix of a provider's variables: "google-ai-studio" is GOOGLE_AI_STUDIO. */
export function environmentPrefix(providerId: string): string {
  return providerId.toUpperCase().replaceAll('-', '_');
}

/** The URL without a trailing slash. Throws an Error that names the variable, and never its value: it may hold a secret. */
function parseBaseUrl(text: string, variable: string): string {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error(`${variable} must be an absolute http or https URL, such as https://api.example.com/v1.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error(`${variable} must not contain a user name or password; the key goes into its own variable.`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw new Error(`${variable} must not contain a query or fragment: paths are appended to it.`);
  }
  return url.href.replace(/\/+$/, '');
}

function parseKey(text: string, variable: string): string {
  const key = text.trim();
  // A header value of other characters would be refused at the first call, or split the request.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Error(`${variable} must be printable ASCII without spaces.`);
  return key;
}

/** What is sent to servers that want no key: some SDKs and proxies on the way want to see one all the same. */
const NO_KEY = 'none';

/** A variable that is set to nothing counts as not set, as in a copied .env.example. */
function read(environment: Environment, variable: string): string | null {
  const value = environment[variable];
  return value === undefined || value.trim() === '' ? null : value;
}

function settingsOf(provider: Provider, environment: Environment): CredentialSettings {
  const variable = (suffix: string) => `${environmentPrefix(provider.id)}_${suffix}`;
  const readSetting = (suffix: string) => read(environment, variable(suffix));
  const baseUrlText = readSetting('BASE_URL');
  return {
    variable,
    read: readSetting,
    readKey(suffix) {
      const key = readSetting(suffix);
      return key === null ? null : parseKey(key, variable(suffix));
    },
    // Parsed also without a key, so that a typing error does not wait for the key to be noticed.
    baseUrl: baseUrlText === null ? provider.baseUrl : parseBaseUrl(baseUrlText, variable('BASE_URL')),
  };
}

function configuredCredential(provider: Provider, environment: Environment): Credential | null {
  const settings = settingsOf(provider, environment);
  if (provider.credentialFrom !== undefined) return provider.credentialFrom(settings);
  const { baseUrl } = settings;
  const apiKey = settings.readKey('API_KEY') ?? (provider.isKeyOptional === true ? NO_KEY : null);
  return apiKey === null || baseUrl === null ? null : { apiKey, baseUrl };
}

/**
 * The credentials of all configured providers: `<SLUG>_API_KEY`, and `<SLUG>_BASE_URL` where the provider's own is not
 * wanted or not known. The sandbox's providers are configured when `sandboxUrl` is given; their own variables win. Throws
 * an Error with a sentence that names the first wrong variable.
 */
export function credentialsFromEnvironment(
  environment: Environment,
  options: { readonly sandboxUrl: string | null },
): ReadonlyMap<string, Credential> {
  const credentials = new Map<string, Credential>();
  if (options.sandboxUrl !== null) {
    const sandboxUrl = parseBaseUrl(options.sandboxUrl, 'BOURSE_SANDBOX_URL');
    for (const { id } of sandboxProviders) {
      credentials.set(id, { apiKey: `sk-sandbox-${id}`, baseUrl: `${sandboxUrl}/providers/${id}/v1` });
    }
  }
  for (const provider of providerRegistry.values()) {
    const credential = configuredCredential(provider, environment);
    if (credential) credentials.set(provider.id, credential);
  }
  return credentials;
}
