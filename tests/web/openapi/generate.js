/**
 * Writes types.d.ts beside this file: the structs of docs/openapi.json as TypeScript types, for agreement.ts.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

const { components } = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
const names = Object.keys(components.schemas);
const everything = {
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/schemas/${name}` }])),
  required: names,
  components,
};
const types = await compile(everything, 'Structs', { additionalProperties: false, format: false });
writeFileSync(new URL('types.d.ts', import.meta.url), types);
