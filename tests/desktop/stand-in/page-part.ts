/** A preload script, as the body of a function: text that the page evaluates would be refused by its own policy. */
type Preload = (require: (name: string) => unknown, module: { exports: object }, exports: object) => void;

interface StandInPage {
  deliver(channel: string, args: readonly unknown[]): void;
}

declare global {
  interface Window {
    __standInCall?: (call: string, ...args: unknown[]) => Promise<unknown>;
    __standInPage?: StandInPage;
  }
}

/** The script that runs in each new document of a window before its own: see `installPagePart`. */
export function pageScript(preload: string | undefined, inSubFrames: boolean): string {
  const body = preload === undefined ? 'undefined' : `(require, module, exports) => {\n${preload}\n}`;
  return `(${installPagePart})(${body}, ${inSubFrames})`;
}

/**
 * The preload script with an `electron` of its own, and what Chromium asks Electron's main process for. It is sent to the browser as
 * text and refers to nothing outside.
 */
function installPagePart(preload: Preload | undefined, inSubFrames: boolean): void {
  const call = window.__standInCall;
  const isTop = window === window.top;
  if (call === undefined) return;
  if (isTop) watchNavigation(call);
  if (preload !== undefined && (isTop || inSubFrames)) runPreload(preload, call);

  function runPreload(run: Preload, ask: NonNullable<typeof call>): void {
    const listeners = new Map<string, Set<(event: unknown, ...args: unknown[]) => void>>();
    const ipcRenderer = {
      invoke: (channel: string, ...args: unknown[]) => ask('invoke', channel, args),
      on: (channel: string, listener: (event: unknown, ...args: unknown[]) => void) => {
        listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      },
      removeListener: (channel: string, listener: (event: unknown, ...args: unknown[]) => void) => {
        listeners.get(channel)?.delete(listener);
      },
    };
    const page: StandInPage = {
      deliver: (channel, args) => {
        for (const listener of listeners.get(channel) ?? []) listener({}, ...args);
      },
    };
    const hidden = { configurable: true, enumerable: false };
    Object.defineProperty(window, '__standInPage', { ...hidden, value: page });
    Object.defineProperty(window, '__standInCall', { ...hidden, value: call });
    const contextBridge = {
      exposeInMainWorld: (name: string, api: unknown) =>
        Object.defineProperty(window, name, { value: acrossTheBridge(api), enumerable: true }),
    };
    const electron = { contextBridge, ipcRenderer };
    const need = (name: string) => {
      if (name === 'electron') return electron;
      throw new Error(`A sandboxed preload script cannot load "${name}".`);
    };
    run(need, { exports: {} }, {});
  }

  /** Functions become others that copy what goes in and out; the rest is copied and frozen. */
  function acrossTheBridge(value: unknown): unknown {
    if (typeof value === 'function')
      return (...args: unknown[]) => {
        const result = (value as (...given: unknown[]) => unknown)(...args.map(acrossTheBridge));
        return result instanceof Promise ? result.then(acrossTheBridge) : acrossTheBridge(result);
      };
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return Object.freeze(value.map(acrossTheBridge));
    const entries = Object.entries(value).map(([key, one]) => [key, acrossTheBridge(one)] as const);
    return Object.freeze(Object.fromEntries(entries));
  }

  /** Whoever goes elsewhere, opens a window or types is told to main, which may refuse. */
  function watchNavigation(ask: NonNullable<typeof call>): void {
    let allowed: string | undefined;
    const { navigation } = window as unknown as { navigation: EventTarget };
    navigation.addEventListener('navigate', happened => {
      const event = happened as Event & {
        destination: { url: string; sameDocument: boolean };
        formData: FormData | null;
      };
      const { url, sameDocument } = event.destination;
      // A form that is sent is the business of the page's own policy.
      if (sameDocument || !event.cancelable || allowed === url || event.formData) return;
      event.preventDefault();
      void ask('willNavigate', url).then(target => {
        if (typeof target !== 'string') return;
        allowed = target;
        window.location.href = target;
      });
    });
    const openWindow = (url: string) => void ask('wantsWindow', url);
    window.open = address => {
      openWindow(new URL(String(address ?? 'about:blank'), document.baseURI).href);
      return null;
    };
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
      if (!link || !(link.target === '_blank' || event.ctrlKey || event.metaKey || event.button === 1))
        return;
      event.preventDefault();
      openWindow(link.href);
    };
    window.addEventListener('click', onClick, true);
    window.addEventListener('auxclick', onClick, true);
    // A script cannot make an event that is trusted.
    const onInput = (event: Event) => {
      if (event.isTrusted) void ask('input', event.type === 'keydown' ? 'keyDown' : 'mouseDown');
    };
    window.addEventListener('mousedown', onInput, true);
    window.addEventListener('keydown', onInput, true);
  }
}
