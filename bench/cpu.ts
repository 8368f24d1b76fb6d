import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { Running } from './ground.ts';

/** What Linux counts the CPU time of a process in, whatever the hardware. */
const TICK_MS = 10;

/** The CPU time that a process has taken so far, in ms; `NaN` where the system does not show it (it is not Linux). */
export async function cpuOf({ pid }: Running): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, in brackets, may hold anything; the numbers come after it.
  const numbers = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(numbers[11]) + Number(numbers[12])) * TICK_MS;
}

/** The CPU time that Redis has taken so far, in ms. */
export async function cpuOfRedis(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1_000;
}

/** The CPU time that this process has taken so far, in ms. */
export function cpuOfUs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
