import { z } from 'zod';
import type { Api } from '../parts.ts';
import {
  documentProblems,
  Problem,
  type ProblemCode,
  ProblemCodeBody,
  problemCodes,
  problems,
} from './problems.ts';

const Described = z
  .object({
    code: ProblemCodeBody,
    status: z.int(),
    title: z.string(),
    about: z.string(),
  })
  .meta({ id: 'ProblemMeaning' });
const tags = ['Operation'];

/** The pages that a problem's `type` points to. */
export function addProblemRoutes(app: Api): void {
  app.get(
    '/problems',
    {
      schema: {
        operationId: 'listProblems',
        tags,
        summary: 'All problems',
        description: 'Every problem code with its status, title and meaning; a closed set.',
        response: { 200: z.object({ items: z.array(Described) }), ...documentProblems() },
      },
    },
    async (_request, reply) => reply.code(200).send({ items: problemCodes.map(describeProblem) }),
  );

  app.get(
    '/problems/:code',
    {
      schema: {
        operationId: 'getProblem',
        tags,
        summary: 'The meaning of a problem',
        description: 'The page that the `type` of a problem points to.',
        params: z.object({ code: z.string().describe('The code of a problem.') }),
        response: { 200: Described, ...documentProblems('route-not-found') },
      },
    },
    async ({ params }, reply) => {
      const code = problemCodes.find((known) => known === params.code);
      if (code === undefined) throw new Problem('route-not-found', 'There is no problem with this code.');
      return reply.code(200).send(describeProblem(code));
    },
  );
}

function describeProblem(code: ProblemCode): z.infer<typeof Described> {
  const [status, title, about] = problems[code];
  return { code, status, title, about };
}
