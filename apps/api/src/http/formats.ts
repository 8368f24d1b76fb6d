import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

const JSON_TYPE = 'application/json; charset=utf-8';
/** With the parameters that clients may request; a request with other parameters would get JSON. */
const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

/** The documentation of an answer in JSON, or in CSV if `Accept` asks for it. */
export function jsonOrCsv<S extends z.ZodType>(description: string, schema: S) {
  return {
    description,
    content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } },
  };
}

/** Sends the body in the form that `Accept` prefers; JSON if it has no preference. */
export function sendJsonOrCsv(
  request: FastifyRequest,
  reply: FastifyReply,
  { json, csv }: { json: () => unknown; csv: () => string },
): FastifyReply {
  reply.code(200).header('vary', 'accept');
  if (request.accepts().type([JSON_TYPE, CSV_TYPE]) === CSV_TYPE)
    return reply.type('text/csv; charset=utf-8').send(csv());
  return reply.type(JSON_TYPE).send(JSON.stringify(json()));
}
