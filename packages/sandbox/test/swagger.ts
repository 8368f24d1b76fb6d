import { readFileSync } from 'node:fs';
import type { SentRequest } from '../src/sandbox.ts';

type Schema = {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: string[];
  required?: string[] | null;
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  items?: Schema;
};
type Parameter = { in: string; name: string; required?: boolean; schema?: Schema };
type Definition = {
  operationId?: string;
  deprecated?: boolean;
  parameters?: Parameter[];
  responses: Record<string, { schema?: Schema }>;
  'x-inin-requires-permissions'?: { permissions: string[] };
};
type Known = Definition & { method: string; path: string };

/** A definition of an API in the form of Swagger 2, against which answers are checked. */
export class Swagger {
  readonly #definitions: Record<string, Schema>;
  readonly #operations = new Map<string, Known>();

  constructor(file: string) {
    const { definitions, paths } = JSON.parse(readFileSync(file, 'utf8'));
    this.#definitions = definitions;
    for (const [path, methods] of Object.entries<Record<string, Definition>>(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const known = { ...operation, method: method.toUpperCase(), path };
        if (operation.operationId !== undefined) this.#operations.set(operation.operationId, known);
      }
    }
  }

  /** How the operation is called, and which permissions it wants. */
  operation(operationId: string) {
    const known = this.#operations.get(operationId);
    if (!known) throw new Error(`${operationId} is not defined`);
    const permissions = known['x-inin-requires-permissions']?.permissions ?? [];
    return { route: { method: known.method, path: known.path }, permissions: [...permissions].sort() };
  }

  /** What is wrong with this request: a deprecated operation, another path, an unknown query parameter, a body that does not fit. */
  requestProblems(operationId: string, { method, url, body }: SentRequest): string[] {
    const known = this.#operations.get(operationId);
    if (!known) return [`${operationId}: is not defined`];
    const { pathname, searchParams } = new URL(url, 'http://any');
    const problems: string[] = [];
    if (known.deprecated === true) problems.push(`${operationId}: is deprecated`);
    const template = new RegExp(`^${known.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    if (known.method !== method || !template.test(pathname))
      problems.push(`${operationId}: is ${known.method} ${known.path}, not ${method} ${pathname}`);
    const parameters = known.parameters ?? [];
    for (const name of searchParams.keys())
      if (!parameters.some((one) => one.in === 'query' && one.name === name))
        problems.push(`${operationId}: knows no query parameter ${name}`);
    const schema = parameters.find((one) => one.in === 'body')?.schema;
    if (schema === undefined) return body == null ? problems : [...problems, `${operationId}: takes no body`];
    return [...problems, ...this.#check(schema, body, `${operationId} body`)];
  }

  /** What is wrong with this answer: an unknown status or field, a missing one, or a value of another type. */
  problems(operationId: string, status: number, body: unknown): string[] {
    const response = this.#operations.get(operationId)?.responses[String(status)];
    if (!response) return [`${operationId}: ${status} is not among the answers`];
    const where = `${operationId} ${status}`;
    const { schema } = response;
    if (schema && Object.keys(schema).length > 0) return this.#check(schema, body, where);
    const isEmpty = body === undefined || JSON.stringify(body) === '{}';
    return isEmpty ? [] : [`${where}: has a body`];
  }

  #check(schema: Schema, value: unknown, where: string): string[] {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.split('/').at(-1) ?? '';
      const known = this.#definitions[name];
      return known ? this.#check(known, value, where) : [`${where}: ${name} is not defined`];
    }
    if (schema.enum && !schema.enum.includes(String(value)))
      return [`${where}: ${String(value)} is no word of it`];
    switch (schema.type) {
      case 'array':
        if (!Array.isArray(value)) return [`${where}: is no list`];
        return value.flatMap((item, index) => this.#check(schema.items ?? {}, item, `${where}[${index}]`));
      case 'object':
        return this.#checkObject(schema, value, where);
      case 'integer':
        return Number.isInteger(value) ? [] : [`${where}: is no whole number`];
      case 'string':
        return typeof value === 'string' && isDated(schema, value)
          ? []
          : [`${where}: is no ${schema.format ?? 'text'}`];
      default:
        return schema.type === undefined || typeof value === schema.type
          ? []
          : [`${where}: is no ${schema.type}`];
    }
  }

  #checkObject(schema: Schema, value: unknown, where: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [`${where}: is no object`];
    const { properties, required } = schema;
    const missing = (required ?? []).filter((name) => !(name in value));
    const problems = missing.map((name) => `${where}.${name}: is missing`);
    if (!properties) return problems;
    return problems.concat(
      Object.entries(value).flatMap(([name, field]) => {
        const known = properties[name];
        if (known) return this.#check(known, field, `${where}.${name}`);
        return schema.additionalProperties ? [] : [`${where}.${name}: is not known`];
      }),
    );
  }
}

// Dates of schedules have no time zone.
function isDated({ format }: Schema, value: string): boolean {
  return format !== 'date-time' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(value);
}
