/** PostgreSQL failed, or refused what it was given. The message has no values. */
export class HistoryAway extends Error {
  override readonly name = 'HistoryAway';
  /** It will never take what it was given. */
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}
