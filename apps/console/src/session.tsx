import type { Session } from '@handover/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { handover, isSignedOut, setToken, wordsOf } from './api.ts';
import { SignIn } from './shell/sign-in.tsx';
import { Trouble } from './ui/trouble.tsx';

export type Permission = Session['permissions'][number];

type Known = {
  session: Session;
  /** Whether the caller may do this; the API decides it again. */
  may: (permission: Permission) => boolean;
  signOut: () => Promise<void>;
};

const SessionContext = createContext<Known | undefined>(undefined);
const KEY = ['session'];

/** Asks who the caller is; shows the sign-in page if nobody known. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const {
    data: session,
    error,
    refetch,
  } = useQuery({
    queryKey: KEY,
    queryFn: async () => {
      const found = await handover.request('get', '/api/session');
      setToken(found.csrfToken);
      return found;
    },
    staleTime: 60_000,
  });
  useSignedOutElsewhere(() => void client.invalidateQueries({ queryKey: KEY }));
  const known = useMemo<Known | undefined>(
    () =>
      session && {
        session,
        may: (permission) => session.permissions.includes(permission),
        signOut: async () => {
          await handover.request('delete', '/api/session');
          setToken(null);
          client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
          await client.resetQueries({ queryKey: KEY });
        },
      },
    [session, client],
  );
  if (isSignedOut(error)) return <SignIn onSignedIn={() => void refetch()} />;
  if (known !== undefined) return <SessionContext value={known}>{children}</SessionContext>;
  if (error !== null) return <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />;
  return <p className="loading">Asking who you are …</p>;
}

/** Who uses the console. */
export function useSession(): Known {
  const known = useContext(SessionContext);
  if (known === undefined) throw new Error('useSession is used outside of SessionProvider');
  return known;
}

/** Any answer that says "signed out" leads to the sign-in page, not only that of the session itself. */
function useSignedOutElsewhere(onSignedOut: () => void): void {
  const client = useQueryClient();
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated' || event.action.type !== 'error') return;
        if (event.query.queryKey[0] !== KEY[0] && isSignedOut(event.action.error)) onSignedOut();
      }),
    [client, onSignedOut],
  );
}
