// Child processes that end with the process that started them.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const LARGE_LOG_BYTES = 20 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

// The shell reads a pipe that only its parent holds open, then becomes the command. However the parent ends,
// by SIGKILL too, the pipe ends with it and the command gets the signal that stops it.
const TIED = '(read -r line <&3; kill -s "$0" $$) >/dev/null 2>&1 & exec "$@" 3<&-';

/**
 * Starts a command in its own process group (the terminal's Ctrl-C does not reach it), tied to this process.
 * @param {string[]} command the program and its arguments
 * @param {object} options
 * @param {string} options.logFile receives its output, after that of earlier runs; a large file is moved to `<logFile>.1` first
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {{ uid: number, gid: number }} [options.user] the user to run as; requires root
 * @param {NodeJS.Signals} [options.stopSignal] the signal that stops it
 */
export function startChild([program = '', ...args], options) {
  const { logFile, env = process.env, cwd = process.cwd(), user, stopSignal = 'SIGTERM' } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  setAside(logFile);
  const log = openSync(logFile, 'a');
  const from = fstatSync(log).size;
  const child = spawn('/bin/sh', ['-c', TIED, stopSignal.replace(/^SIG/, ''), program, ...args], {
    ...user,
    cwd,
    env,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  const tie = child.stdio[3];
  tie?.on('error', () => {});
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      tie?.destroy();
      resolve(signal ? `ended by ${signal}` : `ended with exit code ${code}`);
    });
  });
  return {
    pid: child.pid ?? 0,
    /** Resolves with a description of how it ended. */
    exited,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    /** The last lines of its output. */
    lastLines: (count = 20) => lastLines(logFile, from, count),
    kill: (signal = 'SIGKILL') => child.kill(signal),
    /** Sends the stop signal, then SIGKILL on a time-out. Idempotent. */
    stop: (graceMs = 5_000) => stopChild({ child, exited, stopSignal, graceMs }),
  };
}

async function stopChild({ child, exited, stopSignal, graceMs }) {
  child.kill(stopSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

function setAside(file) {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGE_LOG_BYTES) renameSync(file, `${file}.1`);
}

/** The last lines that were written from this place of the file on. */
function lastLines(file, from, count) {
  try {
    const log = openSync(file, 'r');
    const { size } = fstatSync(log);
    const start = Math.max(from, size - TAIL_BYTES);
    const tail = Buffer.alloc(Math.max(0, size - start));
    readSync(log, tail, 0, tail.length, start);
    closeSync(log);
    return tail.toString().trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
