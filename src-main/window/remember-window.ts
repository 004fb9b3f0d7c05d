import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { BrowserWindow } from 'electron';
import { type WindowMemory, windowMemory } from './window-bounds.ts';

const SETTLED_MS = 400;

/** What is remembered of the window; `undefined` the first time, and when the file is damaged. */
export function readWindowMemory(file: string): WindowMemory | undefined {
  try {
    return windowMemory.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Remembers where the window is, when it has come to rest and when it closes. */
export function rememberWindow(window: BrowserWindow, file: string): void {
  let settling: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(settling);
    writeWindowMemory(file, { ...window.getNormalBounds(), isMaximized: window.isMaximized() });
  };
  const later = () => {
    clearTimeout(settling);
    settling = setTimeout(save, SETTLED_MS);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('maximize', later);
  window.on('unmaximize', later);
  window.on('close', save);
}

/** Writes beside the file first: a crash leaves the old memory or the new one, never half of one. */
function writeWindowMemory(file: string, memory: WindowMemory): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(memory));
    renameSync(`${file}.new`, file);
  } catch {
    // A full disk costs the place of the window, nothing else.
  }
}
