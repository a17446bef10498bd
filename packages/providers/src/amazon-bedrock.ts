import { bedrockConverseFor, type CallTarget } from '@bourse/wire';
import { AwsV4Signer } from 'aws4fetch';
import { bearer, defineProvider } from './define-provider.ts';
import type { Credential, CredentialSettings, ProviderRequest } from './provider.ts';

/** The name of the service in a signature's scope, also of `bedrock-runtime` (service authorization reference, read 2026-11). */
const SERVICE = 'bedrock';

/** us-east-1, eu-central-2, ap-southeast-4, us-gov-west-1. */
const REGION = /^[a-z]{2}(?:-[a-z]+){1,2}-\d{1,2}$/;

/** Converse has the model and the way of answering in its path. The colon in a model's name is encoded, as AWS's own clients do. */
export function conversePath({ upstreamModel, isStreamed }: CallTarget): string {
  return `/model/${encodeURIComponent(upstreamModel)}/${isStreamed ? 'converse-stream' : 'converse'}`;
}

interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
}

/** Signs calls with Signature Version 4, at the time at which they are made. Nothing outside can read the secret. */
export function signerWith({ sessionToken, ...key }: AccessKey): NonNullable<Credential['sign']> {
  const session = sessionToken === null ? {} : { sessionToken };
  return async (request) => {
    const { method, url, headers, body } = request;
    const signer = new AwsV4Signer({
      method,
      url,
      headers: { ...headers },
      body,
      service: SERVICE,
      ...key,
      ...session,
    });
    const signed = await signer.sign();
    return { ...request, headers: Object.fromEntries(signed.headers) };
  };
}

/** A signature, or a key of Bedrock as a bearer token (https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html, read 2026-11). */
export function authorizeBedrock(
  request: ProviderRequest,
  credential: Credential,
): ProviderRequest | Promise<ProviderRequest> {
  return credential.sign === undefined ? bearer(request, credential) : credential.sign(request);
}

/** The region, which is part of the address and of every signature. */
function regionOf({ read, variable }: CredentialSettings): string {
  const region = read('REGION')?.trim();
  if (region === undefined || !REGION.test(region)) {
    throw new Error(`${variable('REGION')} must be an AWS region, such as us-east-1, when a key of Bedrock is set.`);
  }
  return region;
}

/** China has a domain of its own (AWS General Reference, read 2026-11). */
function addressIn(region: string): string {
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Either a Bedrock API key, or an access key with its secret: one of the two, and whole. */
function credentialFrom(settings: CredentialSettings): Credential | null {
  const { readKey, variable } = settings;
  const [apiKey, accessKeyId, secretAccessKey, sessionToken] = [
    readKey('API_KEY'),
    readKey('ACCESS_KEY_ID'),
    readKey('SECRET_ACCESS_KEY'),
    readKey('SESSION_TOKEN'),
  ];
  const hasAccessKey = accessKeyId !== null || secretAccessKey !== null || sessionToken !== null;
  if (apiKey === null && !hasAccessKey) return null;
  if (apiKey !== null && hasAccessKey) {
    throw new Error(
      `${variable('API_KEY')} must not be set beside ${variable('ACCESS_KEY_ID')}: one of them authorizes.`,
    );
  }
  if (apiKey !== null) return { apiKey, baseUrl: settings.baseUrl ?? addressIn(regionOf(settings)) };
  if (accessKeyId === null) throw new Error(`${variable('ACCESS_KEY_ID')} must be set beside its secret.`);
  if (secretAccessKey === null) {
    throw new Error(`${variable('SECRET_ACCESS_KEY')} must be set beside ${variable('ACCESS_KEY_ID')}.`);
  }
  const region = regionOf(settings);
  const baseUrl = settings.baseUrl ?? addressIn(region);
  return { apiKey: accessKeyId, baseUrl, sign: signerWith({ accessKeyId, secretAccessKey, sessionToken, region }) };
}

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, read 2026-11. Hanging up does not stop the bill
 * (OpenRouter's list).
 */
export const amazonBedrock = defineProvider({
  id: 'amazon-bedrock',
  name: 'Amazon Bedrock',
  wire: bedrockConverseFor(''),
  apiOfModel: (upstreamModel) => ({ wire: bedrockConverseFor(upstreamModel), path: conversePath }),
  path: conversePath,
  baseUrl: null,
  onCancel: 'bills_anyway',
  credentialFrom,
  authorize: authorizeBedrock,
});
