// --import this: the wall clock of the process is CLOCK_OFFSET_MS ahead (or behind, where that is negative); its monotonic clock is right.
const offset = Number(process.env.CLOCK_OFFSET_MS ?? 0);
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...args) {
    if (args.length === 0) super(Real.now() + offset);
    else super(...args);
  }
  static now() {
    return Real.now() + offset;
  }
};
