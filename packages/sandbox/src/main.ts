import { readConfig } from './config.ts';
import { createSandbox } from './create.ts';

async function main(): Promise<void> {
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
