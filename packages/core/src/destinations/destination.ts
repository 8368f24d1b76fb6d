import type { Destination } from '../billing/deliver.ts';

/** The configured destinations (docs/configuration.md). */
export type DestinationSettings = {
  url?: string | undefined;
  secret?: string | undefined;
  databaseUrl?: string | undefined;
};

export type DestinationParts = {
  /** The time for signatures, epoch ms: by Redis' clock, since this machine's may be wrong. */
  now: () => Promise<number>;
  /** Called when an idle connection of this destination breaks. */
  onError: (error: Error) => void;
};

export type OpenDestination = Destination & { close(): Promise<void> };

/** Opens a destination; `undefined` if it is not configured. */
export type Open = (settings: DestinationSettings, parts: DestinationParts) => OpenDestination | undefined;
