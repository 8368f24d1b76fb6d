import { fields } from '@handover/core/config';
import { expect, test } from 'vitest';

/** `npx vitest run -u test/docs` writes the page anew. */
test('docs/configuration.md is what the schema says', async () => {
  const rows = Object.entries(fields).map(([name, field]) => {
    const value = 'default' in field ? `\`${field.default}\`` : '–';
    return `| \`${name}\` | ${value} | ${field.about}${'secret' in field ? ' *Secret: masked in the log.*' : ''} |`;
  });
  const page = `# Configuration

Environment variables only, read once at the start. An empty one counts as absent; a mistake stops the process with one
message that names every bad variable. The start-up log shows the configuration with secrets masked.

| variable | default | |
|---|---|---|
${rows.join('\n')}

The sandbox has variables of its own, listed in its [README](../packages/sandbox/README.md).
`;
  await expect(page).toMatchFileSnapshot('../../docs/configuration.md');
});
