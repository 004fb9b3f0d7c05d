import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createSecureContext, getCACertificates } from 'node:tls';
import { shownProxy } from './choose-proxy.ts';
import { HttpsTunnel, HttpTunnel } from './tunnel.ts';

/** The way to the server: its address, and what opens connections to it. Only calls to the server go this way. */
export interface ServerAccess {
  /** Without a slash at the end. */
  readonly serverUrl: string;
  readonly agent: HttpAgent | HttpsAgent;
  /** The address of the proxy on the way, for showing. */
  readonly proxy: string | undefined;
}

/**
 * A way to the server through a proxy, where there is one, trusting these authorities (PEM, one certificate each) beside those that this
 * machine trusts already.
 */
export function openServerAccess(
  serverUrl: string,
  proxy: URL | undefined,
  authorities: readonly string[] | undefined,
): ServerAccess {
  // Made once: reading all authorities anew for every connection would cost more than the connection.
  const trust =
    authorities === undefined
      ? undefined
      : createSecureContext({ ca: [...getCACertificates('default'), ...authorities] });
  const secure = { keepAlive: true, ...(trust ? { secureContext: trust } : {}) };
  const isSecure = serverUrl.startsWith('https:');
  const agent = isSecure
    ? proxy
      ? new HttpsTunnel(proxy, trust, secure)
      : new HttpsAgent(secure)
    : proxy
      ? new HttpTunnel(proxy, trust)
      : new HttpAgent({ keepAlive: true });
  return { serverUrl, agent, proxy: proxy && shownProxy(proxy) };
}
