/** The versions of schemas that a run needs. */
import type { Client } from '../api.ts';
import type { SchemaLine } from './format.ts';

/** Versions of schemas that are about paths of a tree, in the order of their revisions. */
export async function schemaLines(
  client: Client,
  tree: string,
  until: number,
): Promise<readonly SchemaLine[]> {
  const { schemas } = await client.schemas.list();
  const lines: SchemaLine[] = [];
  for (const { name, version: newest } of schemas) {
    for (let version = 1; version <= newest; version += 1) {
      const { bindings, revision, author, definition } = await client.schemas.get(name, { version });
      if (revision > until || !bindings.some(({ path }) => reaches(path, tree))) continue;
      lines.push({ kind: 'schema', revision, name, author, definition });
    }
  }
  return lines.sort((a, b) => a.revision - b.revision);
}

/** Whether a template has paths at or below the tree: `{name}` stands for any segment. */
function reaches(template: string, tree: string): boolean {
  const [wanted, root] = [template.split('/'), tree === '/' ? [''] : tree.split('/')];
  return (
    wanted.length >= root.length &&
    root.every((segment, index) => wanted[index] === segment || /^\{.*\}$/.test(wanted[index] ?? ''))
  );
}
