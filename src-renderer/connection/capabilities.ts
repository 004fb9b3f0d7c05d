import { useSyncExternalStore } from 'react';
import type { DesktopBridge, EngineState } from '../../common/desktop-bridge.ts';

declare global {
  interface Window {
    /** What the desktop app adds; a browser has none of it. */
    readonly cloudoptim?: Partial<DesktopBridge>;
  }
}

/** What this window can do beyond a browser. Each verb is there or is not: ask for the one that is needed. */
export function capabilities(): Partial<DesktopBridge> {
  return window.cloudoptim ?? {};
}

let engineState: EngineState | undefined;

/** How the engine of this machine is; `undefined` where the window does not know, as in a browser. */
export function useEngineState(): EngineState | undefined {
  return useSyncExternalStore(watchEngineState, () => engineState);
}

function watchEngineState(onChange: () => void): () => void {
  const stop = capabilities().onEngineState?.(state => {
    engineState = state;
    onChange();
  });
  return () => stop?.();
}
