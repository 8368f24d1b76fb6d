import { BaseSequencer, type TestSpecification } from 'vitest/node';

const WAITING = /\/test\/(faults|operations|e2e)\//;

/** Starts the longest-waiting files first, so that CPU-bound ones fill the gaps and no long one is left at the end. */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification) => WAITING.test(moduleId);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}
