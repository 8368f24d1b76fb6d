/** The shape of `scripts/child.mjs`: a child process that ends with the process that started it. */
declare module '*/child.mjs' {
  export type Child = {
    readonly pid: number;
    /** Resolves with a description of how it ended. */
    readonly exited: Promise<string>;
    isRunning(): boolean;
    lastLines(count?: number): string;
    kill(signal?: NodeJS.Signals): boolean;
    /** Sends the stop signal, then SIGKILL after the time-out (ms). */
    stop(graceMs?: number): Promise<void>;
  };
  export function startChild(
    command: string[],
    options: {
      logFile: string;
      env?: NodeJS.ProcessEnv;
      cwd?: string;
      /** The user to run as; requires root. */
      user?: { readonly uid: number; readonly gid: number } | undefined;
      /** The stop signal; SIGTERM by default. */
      stopSignal?: NodeJS.Signals;
    },
  ): Child;
}
