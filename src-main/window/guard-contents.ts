import type { Session, WebContents } from 'electron';
import { appOrigin } from './app-protocol.ts';

/** A page may only open something within this time of a key or button that a person really pressed. */
const GESTURE_MS = 1_000;
const GESTURES = new Set(['mouseDown', 'keyDown', 'rawKeyDown']);

/**
 * Keeps a page to itself: it goes nowhere else, opens no window, embeds nothing. What it wants to open goes to `openExternal` where a
 * person has just pressed something. @param now in milliseconds
 */
export function guardContents(
  contents: WebContents,
  openExternal: (url: string) => void,
  now: () => number,
): void {
  let pressedAt = Number.NEGATIVE_INFINITY;
  contents.on('input-event', (_event, { type }) => {
    if (GESTURES.has(type)) pressedAt = now();
  });
  contents.on('will-navigate', event => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', event => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', event => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const isMeant = now() - pressedAt < GESTURE_MS;
    pressedAt = Number.NEGATIVE_INFINITY;
    if (isMeant) openExternal(url);
    return { action: 'deny' };
  });
}

/** Refuses what pages may ask of the machine; only text that a person copies goes to the clipboard. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  );
  session.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
  session.setDevicePermissionHandler(() => false);
}

/** Compared as an address, not as text: `app://cloudoptim.example/` begins the same way. */
function isOwnAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && `${url.protocol}//${url.host}` === appOrigin && url.username === '';
}
