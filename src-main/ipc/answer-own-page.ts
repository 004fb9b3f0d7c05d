import { type IpcMainInvokeEvent, ipcMain } from 'electron';
import { appOrigin } from '../window/app-protocol.ts';

/** Answers a channel for the top frame of the app's own UI, and refuses everybody else. What a page sends along is never looked at. */
export function answerOwnPage(channel: string, answer: () => unknown): void {
  ipcMain.handle(channel, event => {
    if (!isOwnPage(event)) throw new Error(`This page may not use ${channel}.`);
    return answer();
  });
}

function isOwnPage({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && senderFrame.origin === appOrigin;
}
