import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

type SchemeHandler = (request: Request) => Response | Promise<Response>;
type RequestHandler = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
type CheckHandler = (contents: unknown, permission: string) => boolean;

const schemes = new Map<string, SchemeHandler>();

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
};

export const protocol = {
  registerSchemesAsPrivileged: () => undefined,
  handle: (scheme: string, handler: SchemeHandler) => void schemes.set(scheme, handler),
};

/** Answers a request for a scheme of our own; `undefined` where nobody handles it. */
export function answerScheme(request: Request): Promise<Response> | undefined {
  const handler = schemes.get(new URL(request.url).protocol.slice(0, -1));
  return handler === undefined ? undefined : Promise.resolve(handler(request));
}

export const net = {
  fetch: async (url: string): Promise<Response> => {
    if (!url.startsWith('file:')) return (await answerScheme(new Request(url))) ?? Response.error();
    const path = fileURLToPath(url);
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    return new Response(new Uint8Array(await readFile(path)), { headers: { 'content-type': type } });
  },
};

/** The handlers that decide on what a page asks of the machine; tests ask them as Chromium would. */
class Session {
  #onRequest: RequestHandler = (_contents, _permission, answer) => answer(true);
  #onCheck: CheckHandler = () => true;
  #onDevice: (details: object) => boolean = () => true;
  #hasDisplayMediaHandler = false;

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#onRequest = handler;
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#onCheck = handler;
  }

  setDevicePermissionHandler(handler: (details: object) => boolean): void {
    this.#onDevice = handler;
  }

  setDisplayMediaRequestHandler(handler: unknown): void {
    this.#hasDisplayMediaHandler = handler !== null;
  }

  /** Ways in which a permission would be granted. Like Electron, everything is granted where nobody was asked. */
  waysToGrant(permission: string): string[] {
    const ways: string[] = [];
    this.#onRequest(null, permission, granted => granted && ways.push('request'));
    if (this.#onCheck(null, permission)) ways.push('check');
    if (/^(hid|serial|usb)$/.test(permission) && this.#onDevice({ deviceType: permission }))
      ways.push('device');
    // Without a handler Electron refuses the screen itself.
    if (permission === 'display-capture' && this.#hasDisplayMediaHandler) ways.push('screen');
    return ways;
  }
}

export const defaultSession = new Session();
export const session = { defaultSession };
