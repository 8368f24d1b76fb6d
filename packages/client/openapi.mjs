// Checks the API's OpenAPI document, and that src/api.ts has its types; with -u writes them:
// node --conditions=source --import tsx packages/client/openapi.mjs -u
import { readFileSync, writeFileSync } from 'node:fs';
import { describeRoutes } from '@handover/api';
import { createConfig, formatProblems, getTotals, lintFromString } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';

const TYPES = new URL('src/api.ts', import.meta.url);
const HEAD = `// Generated from the API's OpenAPI document by packages/client/openapi.mjs -u. Do not edit.\n\n`;

/** Redocly's recommendations, and what we ask for besides. Without: what is not true of a private project. */
const RULES = {
  'info-license': 'off',
  'info-license-url': 'off',
  'no-server-example.com': 'off',
  'no-empty-servers': 'error',
  'operation-description': 'error',
  'operation-operationId': 'error',
  'operation-singular-tag': 'error',
  'operation-tag-defined': 'error',
  'parameter-description': 'error',
  'tag-description': 'error',
  'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: false },
  'no-invalid-parameter-examples': { severity: 'error', allowAdditionalProperties: false },
  'no-invalid-schema-examples': { severity: 'error', allowAdditionalProperties: false },
};

const documents = { voice: await describeRoutes('voice'), platform: await describeRoutes('platform') };
const config = await createConfig({ extends: ['recommended'], rules: RULES });
for (const [dialect, document] of Object.entries(documents)) {
  const found = await lintFromString({
    source: JSON.stringify(document, null, 2),
    absoluteRef: `openapi-${dialect}.json`,
    config,
  });
  if (found.length === 0) continue;
  formatProblems(found, { format: 'codeframe', totals: getTotals(found), version: '1', maxProblems: 20 });
  process.exitCode = 1;
}

const types =
  HEAD + astToString(await openapiTS(documents.voice, { alphabetize: true, defaultNonNullable: false }));
if (process.argv[2] === '-u') writeFileSync(TYPES, types);
else if (readFileSync(TYPES, 'utf8') !== types) {
  console.error(
    'packages/client/src/api.ts is not what the API says. Run: node packages/client/openapi.mjs -u',
  );
  process.exitCode = 1;
}
