/**
 * Chromium knows no scheme of our own, so the stand-in carries `app://<host>/` as `http://<host>.app.localhost/`, through a proxy of its
 * own. Main, preload and engine see `app:` addresses only.
 */
const CARRIED = /^http:\/\/([a-z0-9.-]+)\.app\.localhost(?::80)?(?=\/|$)/i;

/** An address of the browser as Electron would name it. */
export function fromBrowser(url: string): string {
  return url.replace(CARRIED, 'app://$1');
}

/** An address of Electron as the browser can load it. */
export function toBrowser(url: string): string {
  return url.replace(/^app:\/\/([a-z0-9.-]+)(?=\/|$)/i, 'http://$1.app.localhost');
}
