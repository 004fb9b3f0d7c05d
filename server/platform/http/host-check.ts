/** Which hosts and origins a server answers to; everything else is refused (DNS rebinding, cross-site sockets). */
export interface HostPolicy {
  isAllowedHost(host: string | undefined): boolean;
  /** A missing Origin is allowed: programs send none. `Origin: null` is not. */
  isAllowedOrigin(origin: string | undefined): boolean;
}

/**
 * Exact comparison with a closed set; no prefix, no suffix, no pattern.
 * @param port the port that the server really listens on
 */
export function createHostPolicy(options: {
  port: number;
  secure: boolean;
  extraHosts: readonly string[];
  extraOrigins: readonly string[];
}): HostPolicy {
  const { port, secure, extraHosts, extraOrigins } = options;
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, ...extraHosts]);
  const scheme = secure ? 'https' : 'http';
  const origins = new Set([...[...hosts].map(host => `${scheme}://${host}`), ...extraOrigins]);
  return {
    isAllowedHost: host => host !== undefined && hosts.has(host),
    isAllowedOrigin: origin => origin === undefined || origins.has(origin),
  };
}
