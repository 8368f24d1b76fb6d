import type { DestinationParts, DestinationSettings, Open, OpenDestination } from './destination.ts';

/** Every destination. Loaded only when opened, so that the API, which opens none, loads no database driver. */
const registry = {
  http: async (): Promise<Open> => (await import('./http.ts')).openHttp,
  postgres: async (): Promise<Open> => (await import('./postgres.ts')).openPostgres,
};

export type DestinationName = keyof typeof registry;
export const destinationNames = Object.keys(registry) as DestinationName[];

/** Opens every configured destination. The caller closes them. */
export async function openDestinations(
  settings: DestinationSettings,
  parts: DestinationParts,
): Promise<OpenDestination[]> {
  const opened = await Promise.all(
    Object.values(registry).map(async (load) => (await load())(settings, parts)),
  );
  return opened.filter((destination) => destination !== undefined);
}
