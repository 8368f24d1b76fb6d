import { handover } from '../api.ts';

/** How the system is; each screen that asks shares the answer, and adds how often it looks. */
export const statusOptions = {
  queryKey: ['status'],
  queryFn: ({ signal }: { signal: AbortSignal }) => handover.status({ signal }),
};
