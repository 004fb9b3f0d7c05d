import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';

/** Details beside a list, at an address of their own: closing goes back to the list's. */
export function DetailDrawer({
  title,
  isOpen,
  onClose,
  children,
  actions,
}: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** What can be done; stays in sight below. */
  readonly actions?: ReactNode;
}) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      title={title}
      size={640}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 120 }}
      styles={{
        title: {
          fontWeight: 650,
          fontSize: '1.0625rem',
          lineHeight: 1.35,
          flex: 1,
          minWidth: 0,
          paddingRight: 12,
        },
        close: { flex: 'none' },
        content: { display: 'flex', flexDirection: 'column' },
        body: { flex: 1, display: 'flex', flexDirection: 'column', gap: 20 },
      }}
    >
      {children}
      {actions === undefined ? null : (
        <div
          style={{
            position: 'sticky',
            bottom: 0,
            margin: 'auto -16px -16px',
            padding: '12px 16px',
            display: 'flex',
            gap: 8,
            background: 'var(--co-card)',
            borderTop: '1px solid var(--co-line)',
          }}
        >
          {actions}
        </div>
      )}
    </Drawer>
  );
}
