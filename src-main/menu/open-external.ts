/** Hosts whose pages the app may open in the browser: what the help menu leads to. */
const HOSTS = new Set(['docs.aws.amazon.com', 'karpenter.sh', 'kubernetes.io']);

/** The address to open in the browser; `undefined` unless it is https, of a known host, without anything that hides where it leads. */
export function externalAddress(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || url.protocol !== 'https:' || !HOSTS.has(url.host)) return undefined;
  return url.username === '' && url.password === '' ? url.href : undefined;
}
