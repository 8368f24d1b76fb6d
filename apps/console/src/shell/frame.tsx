import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { base } from '../api.ts';
import { LiveChanges, useConnection } from '../live/changes.tsx';
import { type Permission, useSession } from '../session.tsx';
import { Button } from '../ui/button.tsx';
import { PausedBar } from './paused-bar.tsx';
import { useTheme } from './theme.ts';

type Screen = { to: string; name: string; needs: Permission };

export const SCREENS: Screen[] = [
  { to: '/', name: 'Now', needs: 'read' },
  { to: '/transfers', name: 'Transfers', needs: 'read' },
  { to: '/dead-letters', name: 'Dead letters', needs: 'inspect' },
  { to: '/training', name: 'Training', needs: 'train' },
  { to: '/quality', name: 'Quality', needs: 'read' },
  { to: '/billing', name: 'Billing', needs: 'read' },
];

/** What is around every screen: where one may go, who one is, whether the connection lives. */
export function Frame() {
  useFocusKept();
  return (
    <LiveChanges>
      <a className="visually-hidden" href="#main">
        To the content
      </a>
      <div className="frame">
        <Side />
        <div>
          <LostConnection />
          <PausedBar />
          <main id="main" className="main" tabIndex={-1}>
            <Suspense fallback={<p className="loading">Loading …</p>}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
    </LiveChanges>
  );
}

function Side() {
  const { session, may, signOut } = useSession();
  const [theme, nextTheme] = useTheme();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const shown = SCREENS.filter(({ needs }) => may(needs));
  return (
    <header className="side">
      <Link to={shown[0]?.to ?? '/'} className="brand">
        <img src={`${base}/icon.svg`} alt="" />
        Handover
      </Link>
      <nav className="nav" aria-label="Screens">
        {shown.map(({ to, name }) => (
          <Link key={to} to={to} aria-current={isAt(path, to) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <div className="side-end">
        {may('inspect') && (
          <a href={`${base}/admin/queues`} target="_blank" rel="noreferrer">
            Queues (Bull Board)
          </a>
        )}
        {may('observe') && (
          <a href={`${base}/docs`} target="_blank" rel="noreferrer">
            API
          </a>
        )}
        <Button look="plain" onPress={nextTheme}>
          Theme: {theme}
        </Button>
        {session.kind !== 'open' && (
          <>
            <span className="soft">
              {session.name} ({session.roles.join(', ') || 'no role'})
            </span>
            <Button onPress={() => void signOut()}>Sign out</Button>
          </>
        )}
      </div>
    </header>
  );
}

/** Moves the focus to the new screen where it was on something that is gone, so that the keyboard goes on there. */
function useFocusKept(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (before.current !== undefined && document.activeElement === document.body)
      document.getElementById('main')?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
}

function isAt(path: string, to: string): boolean {
  return to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
}

function LostConnection() {
  const connection = useConnection();
  const isLost = connection.state === 'lost';
  return (
    <div role="status">
      {isLost && (
        <p className="lost">
          The connection to Handover is lost: {connection.why} What you see may be old. It is being opened
          again by itself.
        </p>
      )}
    </div>
  );
}

/** The title of the window, and of the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Handover`;
  }, [title]);
}
