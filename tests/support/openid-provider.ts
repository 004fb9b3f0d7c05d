import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A person as the provider knows them. */
export interface ProviderAccount {
  readonly email?: string;
  readonly groups?: readonly string[];
}

/** A real OpenID provider on 127.0.0.1, with its own pages to sign in and to consent. */
export interface OpenIdProvider {
  readonly issuer: string;
  /** Lets a client in, once its address is known. */
  allow(client: { readonly redirectUri: string; readonly secret?: string }): void;
  close(): Promise<void>;
}

export const CLIENT_ID = 'cloudoptim';

/** @param accounts by the name that somebody signs in with */
export async function startOpenIdProvider(
  accounts: Readonly<Record<string, ProviderAccount>>,
): Promise<OpenIdProvider> {
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) =>
    response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    allow: ({ redirectUri, secret }) => {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT_ID,
            redirect_uris: [redirectUri],
            response_types: ['code'],
            grant_types: ['authorization_code'],
            token_endpoint_auth_method: secret === undefined ? 'none' : 'client_secret_basic',
            ...(secret === undefined ? {} : { client_secret: secret }),
          },
        ],
        claims: { openid: ['sub'], email: ['email'], profile: ['groups'] },
        pkce: { required: () => true },
        cookies: { keys: ['a key of this test'] },
        findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
      });
      answer = provider.callback();
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A browser of few words: keeps cookies by host, follows redirects, fills the provider's forms in. */
export class FormBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Goes to an address and on, until one is reached that `isEnd` knows. @returns that one */
  async follow(
    start: string,
    login: string,
    isEnd: (url: URL) => boolean,
  ): Promise<{ url: URL; answer: Response }> {
    let url = new URL(start);
    let form: URLSearchParams | undefined;
    for (let step = 0; step < 20; step++) {
      const answer = await this.fetch(url, form);
      form = undefined;
      const location = answer.headers.get('location');
      if (location !== null) {
        url = new URL(location, url);
        if (isEnd(url)) return { url, answer };
        continue;
      }
      const page = await answer.text();
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (action === undefined) throw new Error(`${url} answers ${answer.status}: ${page.slice(0, 500)}`);
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? '';
      form = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login, password: 'any' } : {}) });
      url = new URL(action, url);
    }
    throw new Error('there were too many pages');
  }

  async fetch(url: URL, form?: URLSearchParams): Promise<Response> {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: form } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }
}
