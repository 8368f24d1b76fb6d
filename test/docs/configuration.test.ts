import { parseEnv } from 'node:util';
import { fields } from '@handover/core/config';
import { expect, test } from 'vitest';

/** `npx vitest run test/docs -u` regenerates the page. */
test('docs/configuration.md is what the schema says', async () => {
  const rows = Object.entries(fields).map(([name, field]) => {
    const value = 'default' in field ? `\`${field.default}\`` : '–';
    return `| \`${name}\` | ${value} | ${field.about}${'secret' in field ? ' *Secret: masked in the log.*' : ''} |`;
  });
  const page = `# Configuration

Environment variables only, read once at start. An empty one counts as unset; an invalid one stops the process with one
message that names every invalid variable. The start-up log shows the configuration with secrets masked.
[\`.env.example\`](../.env.example) lists all of them.

| variable | default | |
|---|---|---|
${rows.join('\n')}

The sandbox has its own variables, listed in its [README](../packages/sandbox/README.md).
`;
  await expect(page).toMatchFileSnapshot('../../docs/configuration.md');
});

/** `npx vitest run test/docs -u` regenerates it. */
test('.env.example has every variable with its default, and no secret', async () => {
  const entries = Object.entries(fields).map(([name, field]) => {
    const about = `${inPlainText(field.about)}${'secret' in field ? ' Secret.' : ''}`;
    return `${comment(about)}\n#${name}=${'default' in field ? field.default : ''}\n`;
  });
  const file = `# Every variable of the API and the workers with its default, as in docs/configuration.md. Copy it to .env, which git
# ignores, and uncomment what differs. The processes do not read .env; pass it to Node:
#   node --env-file=.env apps/api/dist/main.js

${entries.join('\n')}`;
  await expect(file).toMatchFileSnapshot('../../.env.example');
  const uncommented = parseEnv(file.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
  const defaults = Object.entries(fields).map(([name, field]) => [
    name,
    'default' in field ? field.default : '',
  ]);
  expect(uncommented).toEqual(Object.fromEntries(defaults));
});

/** A link to a page of docs/ as its path. */
function inPlainText(markdown: string): string {
  return markdown.replaceAll(/\[[^\]]+\]\(([^)]+)\)/g, 'docs/$1');
}

/** Lines of at most 120 characters. */
function comment(text: string): string {
  return text.replaceAll(/(.{1,118})(?:\s+|$)/g, '# $1\n').trimEnd();
}
