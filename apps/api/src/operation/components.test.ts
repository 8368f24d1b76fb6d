import { expect, test } from 'vitest';
import { oneOfEach } from './components.ts';

const to = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: object) => ({ type: 'object', properties });

/** The document that refers to these, of all that the type provider writes. */
function documentOf(schemas: Record<string, object>, ...used: string[]) {
  return oneOfEach({ paths: { '/': used.map(to) }, components: { schemas } });
}

test('what is asked and answered alike has one name, also where it contains such', () => {
  const found = documentOf(
    {
      ...{ Inner: object({}), InnerInput: object({}) },
      ...{ Outer: object({ inner: to('Inner') }), OuterInput: object({ inner: to('InnerInput') }) },
    },
    ...['OuterInput', 'Outer'],
  );
  expect(found).toEqual({
    paths: { '/': [to('Outer'), to('Outer')] },
    components: { schemas: { Inner: object({}), Outer: object({ inner: to('Inner') }) } },
  });
});

test('what is only asked has the plain name', () => {
  const found = documentOf({ A: object({ of: {} }), AInput: object({}) }, 'AInput');
  expect(found).toEqual({ paths: { '/': [to('A')] }, components: { schemas: { A: object({}) } } });
});

test('what differs keeps both names', () => {
  const schemas = { A: object({ of: {} }), AInput: object({}) };
  expect(documentOf(schemas, 'A', 'AInput').components.schemas).toEqual(schemas);
});

test('what differs only inside keeps both names', () => {
  const schemas = {
    ...{ Inner: object({ of: {} }), InnerInput: object({}) },
    ...{ Outer: object({ inner: to('Inner') }), OuterInput: object({ inner: to('InnerInput') }) },
  };
  expect(documentOf(schemas, 'Outer', 'OuterInput').components.schemas).toEqual(schemas);
});

test('what nothing refers to is dropped, and a name that merely ends so is kept', () => {
  const schemas = { A: object({}), UserInput: object({}), B: object({}) };
  expect(documentOf(schemas, 'UserInput').components.schemas).toEqual({ UserInput: object({}) });
});
