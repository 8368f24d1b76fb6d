import type { TransferItem } from '@handover/client';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { handover, queryClient, wordsOf } from '../api.ts';
import { useSession } from '../session.tsx';

/** Told of the transfers that changed, each as it is now; at most four times a second. */
export type Listener = (changed: Map<string, TransferItem>) => void;

export type Connection =
  | { state: 'connecting' | 'live' }
  /** Since when, and why; it is being opened again. */
  | { state: 'lost'; since: number; why: string }
  /** No stream for this caller; pages look again by themselves. */
  | { state: 'none' };

type Live = { connection: Connection; listen: (listener: Listener) => () => void };

const LiveContext = createContext<Live>({ connection: { state: 'none' }, listen: () => () => undefined });
const TELL_EVERY_MS = 250;

/** One stream of all changes for the whole console, as long as it is looked at. */
export function LiveChanges({ children }: { children: ReactNode }) {
  const { may } = useSession();
  const mayRead = may('read');
  const [connection, setConnection] = useState<Connection>({ state: mayRead ? 'connecting' : 'none' });
  const listeners = useRef(new Set<Listener>());

  const isShown = usePageShown();

  useEffect(() => {
    if (!mayRead || !isShown) return;
    const stop = new AbortController();
    const waiting = new Map<string, TransferItem>();
    const timer = setInterval(() => {
      if (waiting.size === 0) return;
      const changed = new Map(waiting);
      waiting.clear();
      for (const listener of listeners.current) listener(changed);
    }, TELL_EVERY_MS);
    const lost = (error: unknown) =>
      setConnection((before) =>
        before.state === 'lost' ? before : { state: 'lost', since: Date.now(), why: wordsOf(error).detail },
      );
    const onOpen = () =>
      setConnection((before) => {
        // What was missed meanwhile may be in no event.
        if (before.state === 'lost') void queryClient.invalidateQueries();
        return { state: 'live' };
      });
    void follow();
    return () => {
      clearInterval(timer);
      stop.abort();
    };

    async function follow(): Promise<void> {
      try {
        const options = { signal: stop.signal, onOpen, onInterrupted: lost };
        for await (const event of handover.transfers.changes(options)) {
          if (event.type === 'reset') void queryClient.invalidateQueries();
          if (event.type !== 'transfer') continue;
          // The latest state goes last, so that a list shows the newest change first.
          waiting.delete(event.data.id);
          waiting.set(event.data.id, event.data);
        }
      } catch (error) {
        if (!stop.signal.aborted) lost(error);
      }
    }
  }, [mayRead, isShown]);

  const live = useMemo<Live>(
    () => ({
      connection,
      listen(listener) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [connection],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

/**
 * Whether the page is shown, rather than kept by the browser to go back to. A kept page would hold its stream, and a browser
 * opens six connections to one address at most.
 */
function usePageShown(): boolean {
  const [isShown, setShown] = useState(true);
  useEffect(() => {
    const hide = () => flushSync(() => setShown(false));
    const show = ({ persisted }: PageTransitionEvent) => {
      if (persisted) void queryClient.invalidateQueries();
      setShown(true);
    };
    addEventListener('pagehide', hide);
    addEventListener('pageshow', show);
    return () => {
      removeEventListener('pagehide', hide);
      removeEventListener('pageshow', show);
    };
  }, []);
  return isShown;
}

export function useConnection(): Connection {
  return useContext(LiveContext).connection;
}

/** Calls the listener with what changed, as long as the component is shown. */
export function useChanges(listener: Listener): void {
  const { listen } = useContext(LiveContext);
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const off = listen((changed) => latest.current(changed));
    return () => void off();
  }, [listen]);
}
