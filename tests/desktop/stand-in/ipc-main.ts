import { EventEmitter } from 'node:events';
import type { WebContents } from './browser-window.ts';

/** The frame that a message comes from, as the browser knows it. */
export interface Frame {
  readonly url: string;
  readonly origin: string;
  readonly parent: Frame | null;
}

type InvokeHandler = (event: { senderFrame: Frame; sender: WebContents }, ...args: unknown[]) => unknown;

class IpcMain extends EventEmitter {
  readonly #handlers = new Map<string, InvokeHandler>();

  handle(channel: string, handler: InvokeHandler): void {
    if (this.#handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  /** What a page gets for `ipcRenderer.invoke`. */
  async invoked(sender: WebContents, senderFrame: Frame, channel: string, args: unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    return await handler({ senderFrame, sender }, ...args);
  }
}

export const ipcMain = new IpcMain();
