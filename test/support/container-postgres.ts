import { randomUUID } from 'node:crypto';
import { inContainer } from './container-engine.ts';
import type { Postgres } from './postgres-server.ts';

const IMAGE = 'postgres:17-alpine';
const SERVER = 'postgres -c fsync=off -c jit=off'.split(' ');

/**
 * Starts PostgreSQL in a container, where an engine can run it.
 * @param skipped collects the reasons for failures
 */
export function postgresInContainer(skipped: string[]): Promise<Postgres | undefined> {
  return inContainer(IMAGE, skipped, async () => {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
    const container = await new PostgreSqlContainer(IMAGE)
      .withUsername('handover')
      .withPassword(randomUUID())
      .withDatabase('handover')
      .withCommand(SERVER)
      .start();
    return {
      url: container.getConnectionUri(),
      how: `container of ${IMAGE}`,
      stop: async () => {
        await container.stop();
      },
    };
  });
}
