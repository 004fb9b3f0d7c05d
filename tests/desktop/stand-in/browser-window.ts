import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { toBrowser } from './app-address.ts';
import { host } from './host.ts';
import { defaultSession } from './sessions.ts';

interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface WindowOptions extends Partial<Bounds> {
  readonly show?: boolean;
  readonly webPreferences?: Record<string, unknown> & { readonly preload?: string };
}

/** What Electron itself sets where a window says nothing. */
const DEFAULT_PREFERENCES = {
  allowRunningInsecureContent: false,
  contextIsolation: true,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  plugins: false,
  sandbox: true,
  webSecurity: true,
  webviewTag: false,
};

class PreventableEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

type OpenHandler = (details: { url: string; disposition: string }) => { action: 'allow' | 'deny' };

/** A page: its events come from the browser that the test holds. */
export class WebContents extends EventEmitter {
  readonly id: number;
  readonly session = defaultSession;
  readonly #preferences: Record<string, unknown>;
  #url = '';
  #openHandler: OpenHandler = () => ({ action: 'allow' });

  constructor(id: number, preferences: Record<string, unknown>) {
    super();
    this.id = id;
    this.#preferences = { ...DEFAULT_PREFERENCES, ...preferences };
  }

  getLastWebPreferences(): Record<string, unknown> {
    return this.#preferences;
  }

  getURL(): string {
    return this.#url;
  }

  send(channel: string, ...args: unknown[]): void {
    void host.ask('send', this.id, channel, args).catch(() => undefined);
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  async loadURL(url: string): Promise<void> {
    this.#url = url;
    await host.ask('loadUrl', this.id, toBrowser(url));
  }

  /** Told by the browser; the answer says whether the page may go there. */
  willNavigate(url: string): boolean {
    const event = Object.assign(new PreventableEvent(), { url });
    this.emit('will-navigate', event, url);
    if (!event.defaultPrevented) this.#url = url;
    return !event.defaultPrevented;
  }

  /** Told by the browser; the answer says whether a window may open. */
  wantsWindow(url: string): boolean {
    return this.#openHandler({ url, disposition: 'foreground-tab' }).action === 'allow';
  }
}

/** A window: size and state are kept here, what is inside is a page of the browser. */
export class BrowserWindow extends EventEmitter {
  static readonly #all = new Map<number, BrowserWindow>();
  static #lastId = 0;
  static #focused: BrowserWindow | null = null;
  /** Called when the last window is gone. */
  static onAllClosed: () => void = () => undefined;

  readonly id = ++BrowserWindow.#lastId;
  readonly webContents: WebContents;
  #bounds: Bounds;
  #isMaximized = false;
  #isMinimized = false;
  #isVisible: boolean;

  constructor(options: WindowOptions = {}) {
    super();
    const { x = 80, y = 60, width = 800, height = 600, show = true, webPreferences = {} } = options;
    this.#bounds = { x, y, width, height };
    this.#isVisible = show;
    this.webContents = new WebContents(this.id, webPreferences);
    BrowserWindow.#all.set(this.id, this);
    const preload = webPreferences.preload;
    void host.ask('openWindow', {
      id: this.id,
      size: { width, height },
      preload: preload === undefined ? undefined : readFileSync(preload, 'utf8'),
      inSubFrames: webPreferences.nodeIntegrationInSubFrames === true,
    });
    if (show) this.focus();
  }

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all.values()];
  }

  static fromId(id: number): BrowserWindow | null {
    return BrowserWindow.#all.get(id) ?? null;
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.#focused;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  getBounds(): Bounds {
    return this.#isMaximized ? { x: 0, y: 25, width: 1440, height: 875 } : { ...this.#bounds };
  }

  getNormalBounds(): Bounds {
    return { ...this.#bounds };
  }

  setBounds(bounds: Partial<Bounds>): void {
    this.#bounds = { ...this.#bounds, ...bounds };
    this.emit('resize');
    this.emit('move');
  }

  maximize(): void {
    this.#isMaximized = true;
    this.emit('maximize');
  }

  unmaximize(): void {
    this.#isMaximized = false;
    this.emit('unmaximize');
  }

  isMaximized(): boolean {
    return this.#isMaximized;
  }

  minimize(): void {
    this.#isMinimized = true;
  }

  isMinimized(): boolean {
    return this.#isMinimized;
  }

  restore(): void {
    this.#isMinimized = false;
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  show(): void {
    this.#isVisible = true;
    this.focus();
  }

  focus(): void {
    BrowserWindow.#focused = this;
    this.emit('focus');
  }

  isDestroyed(): boolean {
    return !BrowserWindow.#all.has(this.id);
  }

  /** Closes as a person does. */
  close(): void {
    const event = new PreventableEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (!BrowserWindow.#all.delete(this.id)) return;
    if (BrowserWindow.#focused === this) BrowserWindow.#focused = null;
    void host.ask('closeWindow', this.id).catch(() => undefined);
    this.emit('closed');
    if (BrowserWindow.#all.size === 0) BrowserWindow.onAllClosed();
  }
}
