/** How far a start has come: of the history's positions, or of the log's entries. */
export interface StartProgress {
  readonly what: 'history' | 'log';
  readonly done: number;
  readonly of: number;
}
