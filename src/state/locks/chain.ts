/** A list in the order of positions, from whose middle items are taken without moving others. */
export interface Link<T> {
  readonly item: T;
  readonly position: number;
  previous: Link<T> | null;
  next: Link<T> | null;
}

export class Chain<T> {
  first: Link<T> | null = null;
  last: Link<T> | null = null;

  /** Finds its place from the end: what is added is nearly always the newest. */
  add(item: T, position: number): Link<T> {
    let before = this.last;
    while (before !== null && before.position > position) before = before.previous;
    const next = before === null ? this.first : before.next;
    const link: Link<T> = { item, position, previous: before, next };
    if (before === null) this.first = link;
    else before.next = link;
    if (next === null) this.last = link;
    else next.previous = link;
    return link;
  }

  remove(link: Link<T>): void {
    if (link.previous === null) this.first = link.next;
    else link.previous.next = link.next;
    if (link.next === null) this.last = link.previous;
    else link.next.previous = link.previous;
  }
}
