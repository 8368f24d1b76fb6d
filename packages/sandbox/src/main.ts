import { readFileSync } from 'node:fs';
import { readConfig } from './config.ts';
import { createSandbox } from './create.ts';

async function main(): Promise<void> {
  const [option] = process.argv.slice(2);
  if (option === '--help' || option === '-h') return void process.stdout.write(HELP);
  if (option === '--version' || option === '-v') return void process.stdout.write(`${version()}\n`);
  if (option !== undefined)
    throw new Error(`The sandbox takes no argument "${option}", only --help or --version.`);
  const config = readConfig(process.env);
  const { host, port, logsRequests, logsFaults } = config;
  const { requestsPerMinute, eventSecret, billingSecret } = config;
  const sandbox = createSandbox({ seed: true, settings: { requestsPerMinute, eventSecret, billingSecret } });
  if (logsRequests) {
    sandbox.on('answered', (entry) => console.log(JSON.stringify(entry)));
    sandbox.on('billingAnswered', (entry) => console.log(JSON.stringify({ operation: 'billing', ...entry })));
  }
  if (logsFaults) sandbox.on('fault', (error) => console.error(error));
  const url = await sandbox.listen({ host, port }).catch((error) => {
    throw new Error(whyNotListening(error, host, port));
  });
  console.log(`Sandbox listening at ${url}`);
  const stop = () => void sandbox.close();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

const HELP = `The sandbox: stands in for Genesys Cloud, for training and tests.

Usage: node packages/sandbox/dist/main.js [--help | --version]

It takes no arguments and reads these environment variables, each with its default:

  SANDBOX_HOST=127.0.0.1          where it listens
  SANDBOX_PORT=4010               0 takes a free port
  SANDBOX_REQUESTS_PER_MINUTE=0   the rate limit that it enforces; 0 = none
  SANDBOX_EVENT_SECRET            signs the events that it sends
  SANDBOX_BILLING_SECRET          verifies the bills that it receives
  LOG_LEVEL=info                  debug prints a line for each request

What it simulates and how to script it: packages/sandbox/README.md
`;

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function whyNotListening(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use. Stop what listens there, or set SANDBOX_PORT (0 takes a free port).`;
  }
  if (error.code === 'EACCES')
    return `Port ${port} on ${host} is not allowed to this user. Set SANDBOX_PORT.`;
  return `Cannot listen at ${host}:${port} (${error.message}). Look at SANDBOX_HOST and SANDBOX_PORT.`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
