const nameOf = (action: string) => `handover-action-${action}`;

/** Keeps which transfers an action concerns, for this tab: the API tells how many, not which. */
export function rememberIds(action: string, ids: readonly string[]): void {
  try {
    sessionStorage.setItem(nameOf(action), JSON.stringify(ids));
  } catch {
    // A browser may forbid it; then the action has no links.
  }
}

/** The ids that were kept; none if this tab did not begin the action. */
export function rememberedIds(action: string): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(nameOf(action)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
