import type { Redis } from '../../scripts/redis.mjs';
import { inContainer } from './container-engine.ts';

const IMAGE = 'redis:7-alpine';
const SERVER = 'redis-server --appendonly yes --maxmemory-policy noeviction'.split(' ');

/**
 * Starts Redis in a container, where an engine can run it.
 * @param skipped collects the reasons for failures
 */
export function redisInContainer(skipped: string[]): Promise<Redis | undefined> {
  return inContainer(IMAGE, skipped, async () => {
    const { RedisContainer } = await import('@testcontainers/redis');
    const container = await new RedisContainer(IMAGE).withCommand([...SERVER, '--save', '']).start();
    return {
      url: container.getConnectionUrl(),
      how: `container of ${IMAGE}`,
      stop: async () => {
        await container.stop();
      },
    };
  });
}
