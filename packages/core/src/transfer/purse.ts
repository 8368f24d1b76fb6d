/** Requests reserved from the budget in advance. */
export type Purse = {
  /** Takes one; `false` if none is left or the reservation is too old. */
  take(): boolean;
};

/** After this time a hold-off may have started, and the budget window no longer matches the time of sending. */
const FRESH_MS = 250;

/** A purse with this many requests, reserved now. */
export function createPurse(requests: number, now: () => number = () => performance.now()): Purse {
  const takenAt = now();
  let left = requests;
  return {
    take() {
      if (left <= 0 || now() - takenAt > FRESH_MS) return false;
      left -= 1;
      return true;
    },
  };
}
