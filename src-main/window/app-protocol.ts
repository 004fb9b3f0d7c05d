import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { net, protocol } from 'electron';

/** The origin of the built UI in the desktop app. */
export const appOrigin = 'app://cloudoptim';

/** Only the app's own files, and the engine on loopback. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true } },
  ]);
}

/**
 * Serves the built UI; an address without a file ending is a page of the UI, anything outside the folder is 404.
 * @param answerHanded gives the file of a token below `/handed/`, once
 */
export function serveApp(folder: string, answerHanded: (token: string) => Response | undefined): void {
  protocol.handle('app', async request => {
    const notFound = () => new Response('Not found', { status: 404 });
    const url = new URL(request.url);
    if (url.host !== 'cloudoptim' || request.method !== 'GET') return notFound();
    const token = /^\/handed\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (token !== undefined) return answerHanded(token) ?? notFound();
    const path = await fileOf(folder, url.pathname);
    if (path === undefined) return notFound();
    const response = await net.fetch(pathToFileURL(path).href);
    const headers = new Headers(response.headers);
    headers.set('content-security-policy', CONTENT_SECURITY_POLICY);
    headers.set('x-content-type-options', 'nosniff');
    return new Response(response.body, { status: response.status, headers });
  });
}

async function fileOf(folder: string, pathname: string): Promise<string | undefined> {
  try {
    const decoded = decodeURIComponent(pathname);
    // Names of the built files hold neither; on Windows both would lead elsewhere.
    if (/[\\:\0]/.test(decoded) || decoded.split('/').includes('..')) return undefined;
    const name = decoded.slice(decoded.lastIndexOf('/') + 1).includes('.') ? decoded : '/index.html';
    // The real path, so that neither `..` nor a link leads out of the folder.
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, name))]);
    return file.startsWith(root + sep) ? file : undefined;
  } catch {
    return undefined;
  }
}
