import { Sandbox, type SandboxOptions } from './sandbox.ts';
import { startServer } from './server.ts';

/** A sandbox that does not listen yet. The control routes offer exactly the methods of what this gives. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  return new Sandbox(options, startServer);
}
