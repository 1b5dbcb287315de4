/** The texts of a value that are embedded, by the paths that LangGraph's index configuration knows. */

const step = /([^.[\]]+)|\[([^\]]*)\]/g;

/** `$`: the whole as JSON; `a.b`; `a[0].b`, `a[-1]`, `a[*].b`. What is no text is told as JSON. */
export function textsAt(value: unknown, path: string): readonly string[] {
  let found: readonly unknown[] = [value];
  if (path !== '$')
    for (const [, key, index] of path.matchAll(step))
      found = found.flatMap((each) =>
        key === undefined ? elementsOf(each, index ?? '') : membersOf(each, key),
      );
  return found.flatMap(textOf);
}

function membersOf(value: unknown, key: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (key === '*') return Object.values(value);
  return Object.hasOwn(value, key) ? [(value as Readonly<Record<string, unknown>>)[key]] : [];
}

function elementsOf(value: unknown, index: string): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  if (index === '*') return value;
  const element: unknown = value.at(Number(index));
  return element === undefined ? [] : [element];
}

function textOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return [typeof value === 'string' ? value : JSON.stringify(value, null, 2)];
}
