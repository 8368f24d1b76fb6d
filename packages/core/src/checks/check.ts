/** What a check found; `fix`: what to do about it, exactly. Neither contains a secret. */
export type Finding = {
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  detail: string;
  fix?: string | undefined;
};

/** One check of a configuration. */
export type Check = {
  /** Stable, for machines. */
  id: string;
  /** What is checked, for people. */
  what: string;
  /** The check that must have passed, and what it provides, in words; without it this one is skipped. */
  needs?: { id: string; words: string } | undefined;
  /** Checks that must be over, however they end. */
  after?: readonly string[];
  /** How long it may take, in ms. */
  withinMs?: number;
  /** Throws nothing that is to be expected. */
  run(): Promise<Finding>;
};

export const ok = (detail: string): Finding => ({ status: 'ok', detail });
export const failed = (detail: string, fix: string): Finding => ({ status: 'failed', detail, fix });
export const warning = (detail: string, fix: string): Finding => ({ status: 'warning', detail, fix });
export const skipped = (detail: string): Finding => ({ status: 'skipped', detail });
