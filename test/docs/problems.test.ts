import { problems } from '@handover/api';
import { expect, test } from 'vitest';

/** `npx vitest run test/docs -u` regenerates the page. */
test('docs/problems.md lists every problem that the API may answer', async () => {
  const rows = Object.entries(problems).map(
    ([code, [status, title, about]]) => `| \`${code}\` | ${status} | ${title} | ${about} |`,
  );
  const page = `# Problem codes

Errors are problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), \`application/problem+json\`, with a stable
\`code\`. The set is closed; \`GET /problems\` of a running API lists the same. Validation errors name every field in \`errors\`.

| code | status | title | when |
|---|---|---|---|
${rows.join('\n')}

After a \`503\` it is not known whether a submission was accepted: repeat it with the same \`Idempotency-Key\`.

A transfer that was accepted does not end with a problem but with an outcome, whose \`reason\` is another closed set: see
[the rules](rules.md).
`;
  await expect(page).toMatchFileSnapshot('../../docs/problems.md');
});
