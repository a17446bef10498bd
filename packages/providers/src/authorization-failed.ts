/** Thrown where a call could not be authorized: the provider's issuer of tokens refused us, or did not answer. It tells nothing of a secret. */
export class AuthorizationFailed extends Error {
  override readonly name = 'AuthorizationFailed';
}
