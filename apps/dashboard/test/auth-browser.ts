import NextAuth, { type NextAuthOptions } from 'next-auth';

/** What the browser holds. */
export type Cookies = Record<string, string>;

/** One request to next-auth. */
export interface AuthRequest {
  readonly method: 'GET' | 'POST';
  readonly action: 'csrf' | 'signin' | 'callback' | 'signout';
  readonly body?: object;
  readonly query?: object;
}

/** What came back: where to go, and the body. */
export interface AuthAnswer {
  readonly status: number;
  readonly location: string;
  readonly body: unknown;
}

/** Asks next-auth with our options, through its handler for Node's requests; the cookies go with it and come back. */
export async function askAuth(options: NextAuthOptions, request: AuthRequest, cookies: Cookies): Promise<AuthAnswer> {
  const incoming = {
    method: request.method,
    headers: {},
    cookies,
    body: request.body ?? {},
    query: { ...request.query, nextauth: [request.action, 'email'] },
  };
  const outgoing = new Outgoing();
  // Called with options only, next-auth gives a handler that it leaves untyped; this is how Node's frameworks call it.
  const handle: (incoming: object, outgoing: object) => Promise<void> = NextAuth(options);
  await handle(incoming, outgoing);
  for (const cookie of outgoing.setCookies()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    cookies[name] = decodeURIComponent(value);
  }
  return { status: outgoing.statusCode, location: String(outgoing.getHeader('location') ?? ''), body: outgoing.body };
}

/** As much of a response as next-auth writes to. */
class Outgoing {
  statusCode = 200;
  body: unknown = null;
  readonly #headers = new Map<string, unknown>();

  status(code: number): this {
    this.statusCode = code;
    return this;
  }
  getHeader(name: string): unknown {
    return this.#headers.get(name.toLowerCase());
  }
  setHeader(name: string, value: unknown): this {
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }
  setCookies(): readonly string[] {
    return [this.getHeader('set-cookie') ?? []].flat().map(String);
  }
  json(body: unknown): this {
    this.body = body;
    return this;
  }
  send(body: unknown): this {
    this.body = body;
    return this;
  }
  end(): this {
    return this;
  }
}
