import { useEffect, useState } from 'react';

const SHOW_AFTER_MS = 150;
const GAP = 8;
const MOST_WIDTH = 360;

interface Shown {
  readonly text: string;
  readonly at: DOMRect;
}

/**
 * Shows the text of `data-tip` of whatever the pointer or the focus is on. One for the whole window: a table has hundreds
 * of cells with a word on hover, and a component for each would be felt at every scroll.
 */
export function TipHost() {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: Element | undefined;
    const hide = () => {
      clearTimeout(timer);
      current = undefined;
      setShown(undefined);
    };
    const look = (event: Event) => {
      const element = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
      if (element === current) return;
      hide();
      if (element === null) return;
      current = element;
      timer = setTimeout(() => {
        const text = element.getAttribute('data-tip');
        if (element.isConnected && text) setShown({ text, at: element.getBoundingClientRect() });
      }, SHOW_AFTER_MS);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') hide();
    };
    document.addEventListener('pointerover', look);
    document.addEventListener('focusin', look);
    document.addEventListener('focusout', hide);
    document.addEventListener('keydown', onKey);
    window.addEventListener('scroll', hide, true);
    return () => {
      hide();
      document.removeEventListener('pointerover', look);
      document.removeEventListener('focusin', look);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('keydown', onKey);
      window.removeEventListener('scroll', hide, true);
    };
  }, []);
  if (!shown) return null;
  const { at, text } = shown;
  const isLow = at.top < 90;
  const middle = at.left + at.width / 2;
  const room = Math.min(MOST_WIDTH, window.innerWidth - 16) / 2;
  const left = Math.min(Math.max(middle, room + 8), window.innerWidth - room - 8);
  return (
    <div
      role="tooltip"
      className="co-hover-tip"
      style={{
        left: text.length < 40 ? middle : left,
        ...(isLow ? { top: at.bottom + GAP } : { bottom: window.innerHeight - at.top + GAP }),
      }}
    >
      {text}
    </div>
  );
}
