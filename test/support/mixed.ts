import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Mostly these wait: for locks that run out, processes that start, servers that fail over. */
const WAITING = /\/test\/(faults|deploy)\//;
/** So far into the other files the last of these begins, so that no long one is left at the end. */
const SPREAD = 2 / 3;

/** Files that wait beside files that compute, from the beginning on, so that the CPU is never idle and never all that is waited for. */
export class Mixed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waiting = sorted.filter(({ moduleId }) => WAITING.test(moduleId));
    const others = sorted.filter(({ moduleId }) => !WAITING.test(moduleId));
    const step = Math.floor((SPREAD * others.length) / Math.max(1, waiting.length));
    const mixed = waiting.flatMap((one, index) => [one, ...others.slice(index * step, (index + 1) * step)]);
    return [...mixed, ...others.slice(waiting.length * step)];
  }
}
