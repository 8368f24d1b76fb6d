import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorAnswer } from '../answer.ts';
import { idSchema } from '../schemas.ts';

const paramsSchema = z.strictObject({ id: idSchema });

export class InvalidInput extends Error {
  readonly errors: { field: string; message: string }[];

  constructor(error: z.ZodError) {
    super('Some fields are not as they must be');
    this.errors = error.issues.flatMap((issue) => {
      const fields =
        issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      const message = issue.code === 'unrecognized_keys' ? 'is unknown' : issue.message;
      return fields.map((path) => ({ field: path.join('.') || 'body', message }));
    });
  }
}

/** Gives the problem of a request as an answer, or undefined when the error is none of the control API's. */
export function describeInvalidInput(error: unknown) {
  if (!(error instanceof InvalidInput)) return undefined;
  return errorAnswer(400, 'bad.request', error.message, { errors: error.errors });
}

/** The input as the schema has it; throws what `describeInvalidInput` describes. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input ?? {});
  if (!parsed.success) throw new InvalidInput(parsed.error);
  return parsed.data;
}

export function idOf(request: FastifyRequest): string {
  return parse(paramsSchema, request.params).id;
}

export function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send(errorAnswer(status, code, message).body);
}
