/** The place that a tab tells of. */
export interface Place {
  readonly path: string;
  readonly ghostId: string;
  /** 0: the newest. */
  readonly atRevision: number;
  /** Changes when what the place holds may have. */
  readonly key: string;
}
