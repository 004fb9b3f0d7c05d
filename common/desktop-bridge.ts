/** Where the engine listens, and the bearer token of this window. */
export interface EngineAddress {
  readonly baseUrl: string;
  readonly token: string;
}

/** How the engine of the desktop app is. `reason` is one sentence for the operator. */
export type EngineState =
  | { readonly state: 'starting' }
  | { readonly state: 'ready' }
  | { readonly state: 'restarting'; readonly reason: string }
  | { readonly state: 'failed'; readonly reason: string };

/** What the desktop app offers to its window as `window.cloudoptim`. Absent in a browser. */
export interface DesktopBridge {
  /** Resolves once the engine is ready. */
  engine(): Promise<EngineAddress>;
  /** Tells each change; the returned function ends that. Ask `engine()` again after a restart. */
  onEngineState(listener: (state: EngineState) => void): () => void;
}

/** Names of the channels between main process and preload script. */
export const desktopChannels = {
  engine: 'cloudoptim:engine',
  engineState: 'cloudoptim:engine-state',
} as const;
