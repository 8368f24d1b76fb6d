/** Requests reserved from the budget in advance. */
export type Purse = {
  /** Takes one for this operation; `false` if none is left, the reservation is too old, or the operation is held off. */
  take(operation?: string): boolean;
};

/** After this time a hold-off may have started, and the budget window no longer matches the time of sending. */
const FRESH_MS = 250;

/** A purse with this many requests, reserved now; `held`: the operations that were held off then. */
export function createPurse(
  requests: number,
  now: () => number = () => performance.now(),
  held: readonly string[] = [],
): Purse {
  const takenAt = now();
  let left = requests;
  return {
    take(operation) {
      if (operation !== undefined && held.includes(operation)) return false;
      if (left <= 0 || now() - takenAt > FRESH_MS) return false;
      left -= 1;
      return true;
    },
  };
}
