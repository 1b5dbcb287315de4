/** An agent as a letter on a colour: the letter and the name tell as much as the colour does. */
import type { ReactElement } from 'react';

/** Hues that people of every kind of sight can tell apart, as far as that goes. */
const hues = 8;

export function Author({ name }: { readonly name: string }): ReactElement {
  return (
    <span className="author" data-hue={hueOf(name)} title={name}>
      {(name[0] ?? '?').toUpperCase()}
    </span>
  );
}

/** The same name has the same colour on every page. */
export function hueOf(name: string): number {
  let hash = 7;
  for (let at = 0; at < name.length; at += 1) hash = (hash * 31 + name.charCodeAt(at)) >>> 0;
  return hash % hues;
}
