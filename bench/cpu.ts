import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { Running } from './ground.ts';

/** The unit in which Linux counts CPU time, whatever the hardware. */
const TICK_MS = 10;

/** The CPU time of a process so far, in ms; `NaN` if unavailable (not Linux). */
export async function cpuOf({ pid }: Running): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The program name, in brackets, may contain anything; the numbers follow it.
  const numbers = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(numbers[11]) + Number(numbers[12])) * TICK_MS;
}

/** The CPU time of Redis so far, in ms. */
export async function cpuOfRedis(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1_000;
}

/** The CPU time of this process so far, in ms. */
export function cpuOfUs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
