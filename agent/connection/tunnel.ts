import { type ClientRequestArgs, Agent as HttpAgent, request as httpRequest } from 'node:http';
import {
  Agent as HttpsAgent,
  type AgentOptions as HttpsAgentOptions,
  request as httpsRequest,
} from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { errorText } from '../log.ts';
import { certificateTrouble } from './certificate-trouble.ts';
import { shownProxy } from './choose-proxy.ts';

const answerTimeoutMs = 15_000;

/** A proxy that did not open a way to the server. */
export class ProxyTrouble extends Error {
  override readonly name = 'ProxyTrouble';
  /** Trying again changes nothing until somebody changes a setting. */
  readonly needsSetting: boolean;

  constructor(sentence: string, needsSetting: boolean) {
    super(sentence);
    this.needsSetting = needsSetting;
  }
}

type Opened = (error: Error | null, socket?: Duplex) => void;

/*
 * Node's own `proxyEnv` tunnels https alone: plain http goes to the proxy in absolute form, which no WebSocket survives.
 */

/** Reaches http servers through CONNECT on a proxy. */
export class HttpTunnel extends HttpAgent {
  readonly #proxy: URL;
  readonly #trust: SecureContext | undefined;

  constructor(proxy: URL, trust: SecureContext | undefined) {
    super({ keepAlive: true });
    this.#proxy = proxy;
    this.#trust = trust;
  }

  override createConnection(options: ClientRequestArgs, opened: Opened): undefined {
    openTunnel(this.#proxy, this.#trust, options, opened);
  }
}

/** Reaches https servers through CONNECT on a proxy; the TLS goes from here to the server. */
export class HttpsTunnel extends HttpsAgent {
  readonly #proxy: URL;
  readonly #trust: SecureContext | undefined;

  constructor(proxy: URL, trust: SecureContext | undefined, options: HttpsAgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#trust = trust;
  }

  override createConnection(options: ClientRequestArgs, opened: Opened): undefined {
    openTunnel(this.#proxy, this.#trust, options, (error, socket) => {
      if (error) opened(error);
      else opened(null, super.createConnection({ ...options, socket } as ClientRequestArgs) ?? undefined);
    });
  }
}

/** RFC 9110, 9.3.6. User and password of the proxy's address go to the proxy alone. */
function openTunnel(
  proxy: URL,
  trust: SecureContext | undefined,
  to: ClientRequestArgs,
  opened: Opened,
): void {
  const host = to.host ?? 'localhost';
  const target = `${isIPv6(host) ? `[${host}]` : host}:${to.port}`;
  const { username, password } = proxy;
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const proxyHost = proxy.hostname.replace(/^\[|\]$/g, '');
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send({
    host: proxyHost,
    // Else the certificate of the proxy is held against the header `host`, which names the target.
    servername: isIP(proxyHost) ? '' : proxyHost,
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      ...(username || password
        ? { 'proxy-authorization': `Basic ${Buffer.from(secret).toString('base64')}` }
        : {}),
    },
    agent: false,
    timeout: answerTimeoutMs,
    ...(trust ? { secureContext: trust } : {}),
  });
  request.once('connect', (response, socket) => {
    if (response.statusCode === 200) {
      socket.setTimeout(0);
      opened(null, socket);
      return;
    }
    socket.destroy();
    opened(refusal(proxy, target, response.statusCode ?? 0, response.statusMessage ?? ''));
  });
  request.once('timeout', () => request.destroy(new Error(`no answer within ${answerTimeoutMs / 1000} s`)));
  request.once('error', error => {
    const distrust = certificateTrouble(error);
    const reason = distrust ?? errorText(error);
    opened(
      new ProxyTrouble(
        `the proxy ${shownProxy(proxy)} cannot be reached (${reason})`,
        distrust !== undefined,
      ),
    );
  });
  request.end();
}

function refusal(proxy: URL, target: string, status: number, words: string): ProxyTrouble {
  const said = `the proxy ${shownProxy(proxy)} refused the way to ${target} (${`${status} ${words}`.trim()})`;
  const todo =
    status === 407
      ? 'give its user and password as http://USER:PASSWORD@HOST:PORT'
      : status >= 500
        ? 'it cannot reach that address itself'
        : 'let it allow that address';
  return new ProxyTrouble(`${said}: ${todo}`, status < 500);
}
