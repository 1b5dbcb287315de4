/** Takes the first items of a paged answer, and no more pages than they need. */
export async function collect<Item>(
  items: AsyncIterable<Item>,
  limit: number,
): Promise<{ readonly items: readonly Item[]; readonly isCut: boolean }> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (taken.length === limit) return { items: taken, isCut: true };
    taken.push(item);
  }
  return { items: taken, isCut: false };
}
