import { z } from 'zod';
import type { OrgLimits } from '../dialect.ts';

const Limits = z.looseObject({
  entities: z.array(z.looseObject({ key: z.string().nullish(), value: z.number().nullish() })).nullish(),
});
const TOKEN_LIMIT = 'client.credentials.token.rate.per.minute';

/** The limits that the organisation has with Genesys, of which only that of a token of client credentials counts here. */
export const orgLimits: OrgLimits = {
  path: '/api/v2/organizations/limits/namespaces/platform.api',
  perMinute(body) {
    const parsed = Limits.safeParse(body);
    const limit = parsed.data?.entities?.find(({ key }) => key === TOKEN_LIMIT)?.value;
    return limit != null && limit >= 1 ? Math.floor(limit) : undefined;
  },
};
