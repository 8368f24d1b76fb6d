import type { Destination } from '../billing/deliver.ts';

/** Where bills go, as the configuration has it (docs/configuration.md). */
export type DestinationSettings = {
  url?: string | undefined;
  secret?: string | undefined;
  databaseUrl?: string | undefined;
};

export type DestinationParts = {
  /** The time that is signed, epoch ms: Redis', where the clock of this machine may be wrong. */
  now: () => Promise<number>;
  /** A connection of this destination broke while nothing was sent. */
  onError: (error: Error) => void;
};

export type OpenDestination = Destination & { close(): Promise<void> };

/** Opens a destination; `undefined` where the settings have none of its kind. */
export type Open = (settings: DestinationSettings, parts: DestinationParts) => OpenDestination | undefined;
