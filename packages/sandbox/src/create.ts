import { Sandbox, type SandboxOptions } from './sandbox.ts';
import { startServer } from './server.ts';

/** A sandbox that does not listen yet. The control routes expose exactly its methods. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  return new Sandbox(options, startServer);
}
