import { Menu, nativeImage, Tray } from 'electron';
import type { TrayText } from './tray-text.ts';

/** What the tray sets going. */
export interface TrayActions {
  openPage(path: string): void;
  openWindow(): void;
  quit(): void;
}

/** The icon beside the clock. */
export class AppTray {
  readonly #tray: Tray;
  readonly #actions: TrayActions;
  #shown = '';

  /** @param icon path of the picture */
  constructor(icon: string, actions: TrayActions) {
    this.#tray = new Tray(nativeImage.createFromPath(icon));
    this.#actions = actions;
    this.#tray.on('click', () => actions.openWindow());
  }

  /** Says something else; the menu is made anew only then, because a menu that is open would close. */
  show({ waiting, savings, engine }: TrayText): void {
    const shown = [waiting, savings, engine].join('\n');
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { openPage, openWindow, quit } = this.#actions;
    this.#tray.setToolTip(['CloudOptim', ...(engine ? [engine] : []), waiting, savings].join('\n'));
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Open CloudOptim', click: () => openWindow() },
        { type: 'separator' },
        ...(engine ? [{ label: engine, enabled: false }] : []),
        { id: 'waiting', label: waiting, click: () => openPage('/decisions?state=waiting') },
        { id: 'savings', label: savings, click: () => openPage('/savings') },
        { type: 'separator' },
        { label: 'Quit', click: () => quit() },
      ]),
    );
  }
}
