/** Colours of a terminal, or none. */

/** Each wraps a text in a style. */
export interface Style {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** The styles of a terminal with colours, or ones that change nothing. */
export function styleFor(hasColors: boolean): Style {
  const wrap =
    (open: number, close: number) =>
    (text: string): string =>
      hasColors && text !== '' ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  return {
    dim: wrap(2, 22),
    bold: wrap(1, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
  };
}
