/** The shape of `scripts/child.mjs`: a child process that ends with the process that started it. */
declare module '*/child.mjs' {
  export type Child = {
    readonly pid: number;
    /** Settles with how it ended, in words. */
    readonly exited: Promise<string>;
    isRunning(): boolean;
    lastLines(count?: number): string;
    kill(signal?: NodeJS.Signals): boolean;
    /** The stop signal, and SIGKILL when that did not end it in time (ms). */
    stop(graceMs?: number): Promise<void>;
  };
  export function startChild(
    command: string[],
    options: {
      logFile: string;
      env?: NodeJS.ProcessEnv;
      cwd?: string;
      /** Whom it runs as, which only root may choose. */
      user?: { readonly uid: number; readonly gid: number } | undefined;
      /** What tells it to end; SIGTERM, when left out. */
      stopSignal?: NodeJS.Signals;
    },
  ): Child;
}
