import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { pages } from './pages.ts';

/** How long `g` waits for its letter. */
const CHORD_MS = 1_200;

/** Shortcuts of every page: `/` search, `j` and `k` rows, `g` and a letter goes to a page, `?` help. */
export function useKeyboardShortcuts({ onHelp }: { readonly onHelp: () => void }): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    let chordUntil = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isChord = event.timeStamp < chordUntil;
      chordUntil = 0;
      const page = isChord ? pages.find(({ letter }) => letter === event.key) : undefined;
      if (page) navigate(page.path);
      else if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS;
      else if (event.key === '?') onHelp();
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus();
      else if (event.key === 'j') moveRow(1);
      else if (event.key === 'k') moveRow(-1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [navigate, onHelp]);
}

function isTyping(target: EventTarget | null): boolean {
  // A switch takes no text; space and arrows, which it does take, are no shortcuts.
  if (target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type)) return false;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? rows[0] : rows[at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
