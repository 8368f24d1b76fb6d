import type { DestinationParts, DestinationSettings, Open, OpenDestination } from './destination.ts';

/** Every destination, one line each. Loaded when it is opened, so that the API, which opens none, does not load a database driver. */
const registry = {
  http: async (): Promise<Open> => (await import('./http.ts')).openHttp,
  postgres: async (): Promise<Open> => (await import('./postgres.ts')).openPostgres,
};

export type DestinationName = keyof typeof registry;
export const destinationNames = Object.keys(registry) as DestinationName[];

/** Opens every destination that the settings name. The caller closes them. */
export async function openDestinations(
  settings: DestinationSettings,
  parts: DestinationParts,
): Promise<OpenDestination[]> {
  const opened = await Promise.all(
    Object.values(registry).map(async (load) => (await load())(settings, parts)),
  );
  return opened.filter((destination) => destination !== undefined);
}
