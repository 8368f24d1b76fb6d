import { z } from 'zod';
import { secretSchema } from './schemas.ts';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const schema = z.object({
  SANDBOX_HOST: z.string().default('127.0.0.1'),
  SANDBOX_PORT: wholeNumber(65_535).default(4010),
  SANDBOX_REQUESTS_PER_MINUTE: wholeNumber(Number.MAX_SAFE_INTEGER).default(0),
  SANDBOX_EVENT_SECRET: secretSchema.optional(),
  SANDBOX_BILLING_SECRET: secretSchema.optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

type Config = Readonly<{
  host: string;
  port: number;
  requestsPerMinute: number;
  eventSecret: string | undefined;
  billingSecret: string | undefined;
  /** Whether each request gets a line (`debug`, `trace`), and whether faults do (all but `silent`). */
  logsRequests: boolean;
  logsFaults: boolean;
}>;

/** The configuration in these environment variables; an empty one counts as unset. Throws one error that names every invalid variable. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The configuration of the sandbox is not valid:\n${lines.join('\n')}`);
  }
  const { SANDBOX_HOST, SANDBOX_PORT, SANDBOX_REQUESTS_PER_MINUTE, LOG_LEVEL } = parsed.data;
  const { SANDBOX_EVENT_SECRET, SANDBOX_BILLING_SECRET } = parsed.data;
  return Object.freeze({
    host: SANDBOX_HOST,
    port: SANDBOX_PORT,
    requestsPerMinute: SANDBOX_REQUESTS_PER_MINUTE,
    eventSecret: SANDBOX_EVENT_SECRET,
    billingSecret: SANDBOX_BILLING_SECRET,
    logsRequests: LOG_LEVEL === 'debug' || LOG_LEVEL === 'trace',
    logsFaults: LOG_LEVEL !== 'silent',
  });
}

function wholeNumber(max: number) {
  return z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value <= max, `must be at most ${max}`);
}
