import { parseEnv } from 'node:util';
import { fields } from '@handover/core/config';
import { expect, test } from 'vitest';

/** `npx vitest run test/docs -u` writes the page anew. */
test('docs/configuration.md is what the schema says', async () => {
  const rows = Object.entries(fields).map(([name, field]) => {
    const value = 'default' in field ? `\`${field.default}\`` : '–';
    return `| \`${name}\` | ${value} | ${field.about}${'secret' in field ? ' *Secret: masked in the log.*' : ''} |`;
  });
  const page = `# Configuration

Environment variables only, read once at the start. An empty one counts as absent; a mistake stops the process with one
message that names every bad variable. The start-up log shows the configuration with secrets masked.
[\`.env.example\`](../.env.example) has all of them to copy from.

| variable | default | |
|---|---|---|
${rows.join('\n')}

The sandbox has variables of its own, listed in its [README](../packages/sandbox/README.md).
`;
  await expect(page).toMatchFileSnapshot('../../docs/configuration.md');
});

/** `npx vitest run test/docs -u` writes it anew. */
test('.env.example has every variable with its default, and no secret', async () => {
  const entries = Object.entries(fields).map(([name, field]) => {
    const about = `${inPlainText(field.about)}${'secret' in field ? ' Secret.' : ''}`;
    return `${comment(about)}\n#${name}=${'default' in field ? field.default : ''}\n`;
  });
  const file = `# Every variable of the API and the workers with its default, as in docs/configuration.md. Copy it to .env, which git
# ignores, and uncomment what differs. Neither process reads .env by itself; hand it over:
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
