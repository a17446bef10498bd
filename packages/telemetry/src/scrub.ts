/** Things that must not be in a log line even inside a message: API keys of ours and others, bearer headers, webhook secrets, JWTs. */
const SECRETS =
  /\b(?:sk|rk|pk|whsec|xoxb|ghp|gsk|AKIA)[-_][A-Za-z0-9_-]{8,}|\bBearer\s+[A-Za-z0-9._~+/=-]{8,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g;

/** The text with everything that looks like a secret replaced; the second net behind the field types. */
export function scrub(text: string): string {
  return text.replace(SECRETS, '[secret]');
}
