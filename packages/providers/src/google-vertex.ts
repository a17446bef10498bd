import { isJsonObject } from '@bourse/generation';
import { gemini } from '@bourse/wire';
import { bearer, defineProvider } from './define-provider.ts';
import { accessTokenOf, type ServiceAccount } from './google-access-token.ts';
import { geminiMethod } from './google-ai-studio.ts';
import type { Credential, CredentialSettings } from './provider.ts';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const LOCATION = 'global';

/** Where a location is served (https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations, read 2026-11). */
function hostOf(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com';
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}

function parseWord(text: string, variable: string, form: RegExp): string {
  const word = text.trim();
  if (!form.test(word)) throw new Error(`${variable} is not of the form that Google gives it.`);
  return word;
}

/** The JSON of a key file; many shells and secret stores keep it in base64, because of its line ends. */
function parseJsonOrBase64(text: string): unknown {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed.startsWith('{') ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8'));
  } catch {
    // The parser's message would quote the key; the caller says what is wrong.
    return null;
  }
}

function parseServiceAccount(text: string, variable: string): ServiceAccount {
  const json = parseJsonOrBase64(text);
  if (!isJsonObject(json)) throw new Error(`${variable} must be the JSON of a service account's key, or its base64.`);
  const { client_email: clientEmail, private_key: privateKey, project_id: projectId, token_uri: tokenUrl } = json;
  if (typeof clientEmail !== 'string' || typeof privateKey !== 'string' || !privateKey.includes('PRIVATE KEY')) {
    throw new Error(`${variable} must have client_email and private_key: create a JSON key for a service account.`);
  }
  const url = typeof tokenUrl === 'string' ? tokenUrl : TOKEN_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error(`${variable} has a token_uri that is no web address.`);
  }
  return { clientEmail, privateKey, projectId: typeof projectId === 'string' ? projectId : null, tokenUrl: url };
}

/** Either a key of a service account, which makes tokens for ever, or a token itself, which ends within the hour. */
function credentialFrom(settings: CredentialSettings): Credential | null {
  const json = settings.read('SERVICE_ACCOUNT_JSON');
  const token = settings.readKey('ACCESS_TOKEN');
  if (json === null && token === null) return null;
  const account = json === null ? null : parseServiceAccount(json, settings.variable('SERVICE_ACCOUNT_JSON'));
  const projectText = settings.read('PROJECT') ?? account?.projectId ?? null;
  if (projectText === null) throw new Error(`${settings.variable('PROJECT')} must name the Google Cloud project.`);
  const project = parseWord(projectText, settings.variable('PROJECT'), /^[a-z0-9][a-z0-9.:-]{1,62}$/i);
  const location = parseWord(settings.read('LOCATION') ?? LOCATION, settings.variable('LOCATION'), /^[a-z0-9-]{2,40}$/);
  const root = settings.baseUrl ?? `https://${hostOf(location)}/v1`;
  const baseUrl = `${root}/projects/${project}/locations/${location}`;
  return account === null
    ? { apiKey: token ?? '', baseUrl }
    : { apiKey: '', baseUrl, accessToken: accessTokenOf(account) };
}

/**
 * Google's own models on Vertex AI (https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference, read 2026-11). Claude
 * and other companies' models speak their own dialects there, and are not called. Whether hanging up stops the bill is not documented.
 */
export const googleVertex = defineProvider({
  id: 'google-vertex',
  name: 'Google Vertex AI',
  wire: gemini,
  baseUrl: null,
  onCancel: 'bills_anyway',
  path: (target) => `/publishers/google/models/${encodeURIComponent(target.upstreamModel)}:${geminiMethod(target)}`,
  credentialFrom,
  async authorize(request, credential) {
    const { accessToken } = credential;
    return bearer(request, accessToken === undefined ? credential : { ...credential, apiKey: await accessToken() });
  },
});
