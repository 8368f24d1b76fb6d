/** Requests that were taken from the budget in advance. */
export type Purse = {
  /** Takes one of them; `false`: there is none left, or it is too old. */
  take(): boolean;
};

/** After that long a hold-off may have come meanwhile, and the budget counts the request at another time than it is sent. */
const FRESH_MS = 250;

/** A purse of so many requests, taken now. */
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
