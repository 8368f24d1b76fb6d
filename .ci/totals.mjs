// Prints the closing line of .ci/run from the JSON report of vitest and the exit codes of the two steps.
import { existsSync, readFileSync } from 'node:fs';

const [reportFile = '', checkCode, testCode] = process.argv.slice(2);
const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;

const failedTests = report?.numFailedTests ?? 0;
// A test file that cannot be loaded has no tests to count, and a run may also fail outside of any test.
const unloaded = (report?.testResults ?? []).filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
);
for (const { name, message } of unloaded) console.log(`Could not be run: ${name} ${message ?? ''}`);

let failed = failedTests + unloaded.length;
if (testCode !== '0' && failed === 0) {
  console.log(
    `The tests ended with exit code ${testCode}${report ? '' : ' and without a report'}: counted as a failure.`,
  );
  failed += 1;
}
if (checkCode !== '0') {
  console.log(`The checks ended with exit code ${checkCode}: counted as a failure.`);
  failed += 1;
}
const passed = report?.numPassedTests ?? 0;
if (passed === 0 && failed === 0) {
  console.log('Not one test ran: counted as a failure.');
  failed += 1;
}

const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
