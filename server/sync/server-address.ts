import { AppError } from '../../common/errors.ts';

/**
 * The origin of a server from what a person typed or pasted: a page's address will do. TLS is demanded unless the server is on this
 * machine, because the key goes along with every call.
 * @throws AppError `sync.address-wrong` naming what was given
 */
export function serverAddress(text: string): string {
  const given = text.trim();
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new AppError('sync.address-wrong', `"${shown(given)}" is not the address of a server.`);
  if (url.username !== '' || url.password !== '')
    throw new AppError('sync.address-wrong', 'The address of a server carries no user or password.', {
      hint: 'Leave out what stands before the @; the code lets you in.',
    });
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new AppError('sync.address-wrong', `${url.origin} is not encrypted, and it is not this machine.`, {
      hint: `Use https://${url.host}; docs/guides/deploy.md says how a server gets TLS.`,
    });
  return url.origin;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Somebody may have pasted a secret behind the address. */
function shown(text: string): string {
  return (text.split(/[?#]/)[0] ?? '').slice(0, 100);
}
