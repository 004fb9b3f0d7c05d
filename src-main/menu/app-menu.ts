import type { MenuItemConstructorOptions } from 'electron';
import { uiPages } from '../../common/ui-pages.ts';

/** What the menu sets going. */
export interface MenuActions {
  openPage(path: string): void;
  openModel(): void;
  chooseKubeconfigFolder(): void;
  forgetKubeconfigFolder(): void;
  showLog(): void;
  openExternal(url: string): void;
}

const GUIDES = [
  ['Kubernetes: disruption budgets', 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
  ['Karpenter: disruption', 'https://karpenter.sh/docs/concepts/disruption/'],
  ['AWS: Spot instances', 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances.html'],
] as const;

/**
 * The menu of the app.
 * @param options `updates` says how it stands with updates; tools for developers are offered in a checkout alone
 */
export function appMenu(
  actions: MenuActions,
  options: { readonly platform: NodeJS.Platform; readonly isPackaged: boolean; readonly updates: string },
): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  const pages = uiPages.map(({ path, label }, index) => ({
    id: `page ${path}`,
    label,
    click: () => actions.openPage(path),
    ...(index < 9 ? { accelerator: `CmdOrCtrl+${index + 1}` } : {}),
  }));
  return [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&File',
      submenu: [
        {
          id: 'open-model',
          label: 'Open Model…',
          accelerator: 'CmdOrCtrl+O',
          click: () => actions.openModel(),
        },
        { type: 'separator' },
        {
          id: 'kubeconfig-folder',
          label: 'Folder of Kubeconfigs…',
          click: () => actions.chooseKubeconfigFolder(),
        },
        {
          id: 'no-kubeconfig-folder',
          label: 'Forget the Folder of Kubeconfigs',
          click: () => actions.forgetKubeconfigFolder(),
        },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        ...(options.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: '&Go', submenu: pages },
    { role: 'windowMenu' },
    {
      role: 'help',
      label: '&Help',
      submenu: [
        ...GUIDES.map(([label, url]) => ({ id: url, label, click: () => actions.openExternal(url) })),
        { type: 'separator' },
        { id: 'show-log', label: 'Show Log', click: () => actions.showLog() },
        { id: 'updates', label: options.updates, enabled: false },
        ...(isMac ? [] : [{ role: 'about' as const }]),
      ],
    },
  ];
}
