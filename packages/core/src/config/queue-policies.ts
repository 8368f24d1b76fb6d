import { readFileSync } from 'node:fs';
import { QueuePolicies } from '../genesys/policies.ts';
import { ConfigError } from './config.ts';

/** Reads the file of `QUEUE_POLICY_FILE`. Throws a `ConfigError` that names the file and every wrong field. */
export function readQueuePolicies(path: string): QueuePolicies {
  const parsed = QueuePolicies.safeParse(parseFile(path));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path: field, message }) => {
      const where = field.length === 0 ? '' : `${field.map(String).join('.')} `;
      return `QUEUE_POLICY_FILE ${path}: ${where}${message}`;
    }),
  );
}

function parseFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([
      `QUEUE_POLICY_FILE ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    ]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`QUEUE_POLICY_FILE ${path} is not JSON: ${(error as Error).message}`]);
  }
}
