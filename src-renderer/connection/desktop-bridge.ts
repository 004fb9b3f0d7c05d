import type { DesktopBridge } from '../../common/desktop-bridge.ts';

declare global {
  interface Window {
    /** Present in the desktop app alone. */
    readonly cloudoptim?: DesktopBridge;
  }
}

/** What the desktop app offers, where there is one. */
export function desktopBridge(): DesktopBridge | undefined {
  return typeof window.cloudoptim?.engine === 'function' ? window.cloudoptim : undefined;
}
