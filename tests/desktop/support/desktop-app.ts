import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { DesktopBridge } from '../../../common/desktop-bridge.ts';
import { findElectron } from '../../../scripts/find-electron.ts';
import { startStandIn } from '../stand-in/stand-in-home.ts';
import { startElectron } from './electron-home.ts';

declare global {
  interface Window {
    readonly cloudoptim?: Partial<DesktopBridge>;
  }
}

/** The desktop app as a test drives it; the same by a real Electron and by the stand-in. */
export interface DesktopApp {
  readonly home: 'Electron' | 'stand-in';
  /** Process of main; its own children end with it. */
  readonly pid: number;
  /** The first window, once it is there. */
  firstWindow(): Promise<Page>;
  windows(): Page[];
  /** Runs in the main process, with the module `electron`; like Playwright's own, the function is sent as text. */
  evaluate<Result, Argument>(
    run: (electron: typeof import('electron'), argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result>;
  /** Addresses outside this machine that the window asked for; `undefined` where nobody can tell. */
  askedOutside(): readonly string[] | undefined;
  /** Starts the app once more with arguments, as the system does; it hands them over and ends. */
  startAgain(args: readonly string[]): Promise<void>;
  /** Quits as a person does, and waits for the end. */
  quit(): Promise<void>;
}

/** How to start the app. */
export interface DesktopStart {
  readonly userData: string;
  /** Arguments as the system hands them over: links and files. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const electron = findElectron();

/** Which of the two homes the tests of this run use, in words. */
export const desktopHome =
  electron === undefined
    ? 'stand-in (there is no Electron on this machine: set ELECTRON_OVERRIDE_DIST_PATH to use one)'
    : `Electron (${electron})`;

/** Where `electron-vite build` leaves the app. */
export const builtFolder = join(import.meta.dirname, '..', '..', '..', 'out', 'desktop');

/** Starts the built app. Resolves once its main process runs, or has handed over to the one that runs already. */
export async function startDesktop(start: DesktopStart): Promise<DesktopApp> {
  if (!existsSync(join(builtFolder, 'main', 'index.js')))
    throw new Error('The desktop app is not built: run "npm test -- desktop-build" first.');
  return electron === undefined ? startStandIn(start) : startElectron(electron, start);
}
