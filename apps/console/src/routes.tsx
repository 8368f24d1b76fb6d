import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  useRouter,
} from '@tanstack/react-router';
import { base, wordsOf } from './api.ts';
import { useSession } from './session.tsx';
import { Frame, SCREENS } from './shell/frame.tsx';
import { Trouble } from './ui/trouble.tsx';

const root = createRootRoute({ component: Frame, errorComponent: Fault, notFoundComponent: Elsewhere });

type Search = Record<string, string>;

/** What stands behind the `?` as it is; each screen takes from it what it knows. */
function texts(search: Record<string, unknown>): Search {
  const given = Object.entries(search).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

const screen = <Path extends string>(path: Path, load: () => Promise<{ Screen: () => React.ReactNode }>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: texts,
    component: lazyRouteComponent(load, 'Screen'),
    errorComponent: Fault,
  });

const now = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: texts,
  component: Home,
  errorComponent: Fault,
});
const Now = lazyRouteComponent(() => import('./screens/now/screen.tsx'), 'Screen');

const routeTree = root.addChildren([
  now,
  screen('/transfers', () => import('./screens/transfers/screen.tsx')),
  screen('/transfers/$id', () => import('./screens/transfer/screen.tsx')),
  screen('/dead-letters', () => import('./screens/dead-letters/screen.tsx')),
  screen('/training', () => import('./screens/training/screen.tsx')),
  screen('/training/runs/$id', () => import('./screens/training/run-screen.tsx')),
  screen('/quality', () => import('./screens/quality/screen.tsx')),
  screen('/billing', () => import('./screens/billing/screen.tsx')),
  screen('/audit', () => import('./screens/audit/screen.tsx')),
]);

export const router = createRouter({
  routeTree,
  basepath: base === '' ? '/' : base,
  // Plain text in the URL, readable and as the API names it: ?status=failed&agent=a-1
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(texts(search)).toString();
    return text === '' ? '' : `?${text}`;
  },
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** The first screen that the caller may see: a trainee begins with the training. */
function Home() {
  const { may } = useSession();
  const first = SCREENS.find(({ needs }) => may(needs));
  if (first === undefined)
    return (
      <Trouble
        title="Nothing to show"
        detail="Your key has no role that reads: ask who runs Handover for one with the role read, operate or train."
      />
    );
  return first.to === '/' ? <Now /> : <Navigate to={first.to} replace />;
}

function Fault({ error }: { error: unknown }) {
  const { invalidate } = useRouter();
  return <Trouble {...wordsOf(error)} onAgain={() => void invalidate()} />;
}

function Elsewhere() {
  return (
    <Trouble title="There is no such page" detail="The screens of the console stand in the navigation." />
  );
}
