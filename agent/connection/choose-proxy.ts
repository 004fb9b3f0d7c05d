import { BlockList, isIP } from 'node:net';
import { AgentStop } from '../agent-stop.ts';

/**
 * The HTTP proxy on the way to a server, by `--proxy`, else by the environment as curl and Go read it: `https_proxy` for an
 * https server, `http_proxy` for an http one, then the same in capitals, unless `no_proxy` names the server. The
 * environment never puts a proxy before a loopback address. Throws `AgentStop` for an address that is no http proxy.
 */
export function chooseProxy(
  serverUrl: string,
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  if (option !== undefined) return proxyUrl('--proxy', option);
  const server = new URL(serverUrl);
  const name = server.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const found = [name, name.toUpperCase()].find(one => environment[one]);
  if (found === undefined || isLoopback(server.hostname)) return undefined;
  const excepted = environment.no_proxy || environment.NO_PROXY || '';
  if (excepted.split(',').some(entry => covers(entry.trim().toLowerCase(), server))) return undefined;
  return proxyUrl(found, environment[found] ?? '');
}

/** An address as it may be shown: without user and password. */
export function shownProxy(proxy: URL): string {
  return proxy.origin;
}

function proxyUrl(name: string, text: string): URL {
  // "proxy:3128", which other programs take, would be read as a scheme.
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  const shown = text.replace(/\/\/[^/]*@/, '//');
  throw new AgentStop(2, `${name} is "${shown}"; give the proxy as http://HOST:PORT or https://HOST:PORT.`);
}

/** `*`, a host with or without port, a domain with all below it, an address or a range of addresses. */
function covers(entry: string, server: URL): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const host = bare(server.hostname);
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (entry === `${host}:${port}` || entry === `[${host}]:${port}` || bare(entry) === host) return true;
  if (isIP(host)) return isInRange(entry, host);
  return host.endsWith(`.${entry.replace(/^\*?\./, '')}`) || host === entry.replace(/^\./, '');
}

function isInRange(entry: string, address: string): boolean {
  const [network = '', prefix = ''] = entry.split('/');
  const family = isIP(network);
  if (family === 0 || family !== isIP(address) || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 6 ? 128 : 32)) return false;
  const range = new BlockList();
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  range.addSubnet(network, Number(prefix), kind);
  return range.check(address, kind);
}

function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
