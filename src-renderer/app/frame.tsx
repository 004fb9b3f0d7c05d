import { AppShell } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useRemembered } from '../components/remembered.ts';
import { TipHost } from '../components/tip-host.tsx';
import { capabilities } from '../connection/capabilities.ts';
import { EngineBanner } from './engine-banner.tsx';
import { useKeyboardShortcuts } from './keyboard-shortcuts.ts';
import { KillSwitchBanner } from './kill-switch-banner.tsx';
import { Navigation } from './navigation.tsx';
import { Routes } from './routes.tsx';
import { ScopeProvider } from './scope.tsx';
import { StorageBanner } from './storage-banner.tsx';
import { TopBar } from './top-bar.tsx';

const ShortcutHelp = lazy(() => import('./shortcut-help.tsx').then(m => ({ default: m.ShortcutHelp })));
const FileDrop = lazy(() => import('./file-drop.tsx').then(m => ({ default: m.FileDrop })));
const Arrivals = lazy(() => import('./arrivals.tsx').then(m => ({ default: m.Arrivals })));
const SecretBanner = lazy(() => import('./secret-banner.tsx').then(m => ({ default: m.SecretBanner })));
const CommandPalette = lazy(() => import('./command-palette.tsx').then(m => ({ default: m.CommandPalette })));

/** Navigation, top bar and the page between them. */
export function Frame() {
  const [isCollapsed, setCollapsed] = useRemembered('navigation-collapsed', false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeyboardShortcuts({ onHelp: () => setHelpOpen(true) });
  return (
    <ScopeProvider>
      <a href="#page" className="co-skip">
        Skip to the page
      </a>
      <AppShell
        layout="alt"
        header={{ height: 56 }}
        navbar={{ width: isCollapsed ? 62 : 208, breakpoint: 0 }}
        padding="lg"
        transitionDuration={120}
        styles={{ main: { background: 'var(--co-ground)' } }}
      >
        <AppShell.Header>
          <TopBar onHelp={() => setHelpOpen(true)} />
        </AppShell.Header>
        <AppShell.Navbar component="div">
          <Navigation isCollapsed={isCollapsed} onCollapse={setCollapsed} />
        </AppShell.Navbar>
        <AppShell.Main id="page" tabIndex={-1}>
          <div
            style={{
              maxWidth: 1680,
              margin: '0 auto',
              display: 'grid',
              gap: 20,
              gridTemplateColumns: 'minmax(0, 1fr)',
            }}
          >
            <EngineBanner />
            <StorageBanner />
            <KillSwitchBanner />
            {capabilities().secretProtection ? (
              <Suspense fallback={null}>
                <SecretBanner />
              </Suspense>
            ) : null}
            <Routes />
          </div>
        </AppShell.Main>
      </AppShell>
      <Suspense fallback={null}>
        <CommandPalette />
        <FileDrop />
        <Arrivals />
      </Suspense>
      <TipHost />
      <Suspense fallback={null}>
        {isHelpOpen ? <ShortcutHelp isOpen onClose={() => setHelpOpen(false)} /> : null}
      </Suspense>
    </ScopeProvider>
  );
}
