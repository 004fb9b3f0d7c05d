import { ActionIcon, Tooltip } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { Logo } from './logo.tsx';
import { pages } from './pages.ts';

/** The pages on the left; icons alone when collapsed. */
export function Navigation({
  isCollapsed,
  onCollapse,
}: {
  readonly isCollapsed: boolean;
  readonly onCollapse: (isCollapsed: boolean) => void;
}) {
  const [location] = useLocation();
  const label = isCollapsed ? 'Widen the navigation' : 'Collapse the navigation';
  return (
    <nav
      aria-label="Pages"
      style={{ display: 'flex', flexDirection: 'column', height: '100%', padding: '10px 9px' }}
    >
      <Link
        href="/"
        aria-label="CloudOptim"
        style={{
          display: 'flex',
          alignItems: 'center',
          gap: 11,
          padding: '2px 7px 14px',
          color: 'inherit',
          textDecoration: 'none',
          fontWeight: 680,
          fontSize: '1rem',
        }}
      >
        <Logo />
        {isCollapsed ? null : 'CloudOptim'}
      </Link>
      <div style={{ display: 'grid', gap: 2 }}>
        {pages.map(({ path, label: name, icon: Icon, letter }) => {
          const isHere = path === '/' ? location === '/' : location.startsWith(path);
          return (
            <Tooltip key={path} label={`${name}  (g ${letter})`} position="right" disabled={!isCollapsed}>
              <Link
                href={path}
                className="co-nav-link"
                aria-label={name}
                {...(isHere ? { 'aria-current': 'page' as const } : {})}
              >
                <Icon size={20} stroke={1.7} />
                {isCollapsed ? null : name}
              </Link>
            </Tooltip>
          );
        })}
      </div>
      <Tooltip label={label} position="right">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={38}
          mt="auto"
          aria-label={label}
          onClick={() => onCollapse(!isCollapsed)}
        >
          {isCollapsed ? (
            <IconLayoutSidebarLeftExpand size={19} />
          ) : (
            <IconLayoutSidebarLeftCollapse size={19} />
          )}
        </ActionIcon>
      </Tooltip>
    </nav>
  );
}
