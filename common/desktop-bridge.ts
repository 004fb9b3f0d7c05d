/** Where the engine listens, and the bearer token of this window. */
export interface EngineAddress {
  readonly baseUrl: string;
  readonly token: string;
}

/** How the engine of the desktop app is. `reason` is one sentence for the operator. */
export type EngineState =
  | { readonly state: 'starting' }
  | { readonly state: 'ready'; readonly restarted?: { readonly at: number; readonly reason: string } }
  | { readonly state: 'restarting'; readonly reason: string }
  | { readonly state: 'failed'; readonly reason: string };

/** How well this machine keeps secrets of the app, and whether it keeps any. The secrets themselves reach no window. */
export interface SecretProtection {
  /** `plain-text`: whoever can read the file can read the secrets. `nothing`: none is kept. */
  readonly by: 'keychain' | 'plain-text' | 'nothing';
  readonly hasSecrets: boolean;
}

/** What reaches the window from outside: menus, tray, notifications, links, files that the system handed over. */
export type Arrival =
  /** A page of the UI is to be shown. */
  | { readonly kind: 'page'; readonly path: string }
  /** A model file is to be taken in; `path` on the UI's own origin gives its bytes once. */
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  /** Something was asked for that cannot be; one sentence says what and one what to do. */
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string };

/** What the desktop app offers to its window as `window.cloudoptim`. Absent in a browser. No verb takes a value from the page. */
export interface DesktopBridge {
  /** Resolves once the engine is ready. */
  engine(): Promise<EngineAddress>;
  /** Tells how the engine is, now and at each change; the returned function ends that. Ask `engine()` again after a restart. */
  onEngineState(listener: (state: EngineState) => void): () => void;
  /** Starts the engine again after it was given up. */
  startEngine(): Promise<void>;
  /** Shows the engine's log in the file manager. */
  showLog(): Promise<void>;
  /** How well secrets are kept here. */
  secretProtection(): Promise<SecretProtection>;
  /** Tells what has arrived and what arrives, each once; the returned function ends that. */
  onArrival(listener: (arrival: Arrival) => void): () => void;
}

/** Names of the channels between main process and preload script. */
export const desktopChannels = {
  engine: 'cloudoptim:engine',
  engineState: 'cloudoptim:engine-state',
  startEngine: 'cloudoptim:start-engine',
  showLog: 'cloudoptim:show-log',
  secretProtection: 'cloudoptim:secret-protection',
  arrivals: 'cloudoptim:arrivals',
} as const;
