/** What may be at the node. */
import type { ReactElement } from 'react';
import type { SchemaBinding } from '../../../../typescript/src/browser.ts';
import { AskedView } from '../asked.tsx';
import type { Place } from '../place.ts';
import { useAsked, useSurroundings } from '../use.ts';

export function SchemaTab({ place }: { readonly place: Place }): ReactElement {
  const { session } = useSurroundings();
  const asked = useAsked(`schema ${place.path} ${place.atRevision}`, async (signal) => {
    const at = place.atRevision === 0 ? {} : { atRevision: place.atRevision };
    const { schemas, unboundPaths } = await session.client.schemas.list({ signal, ...at });
    const found = schemas.flatMap((schema) =>
      schema.bindings
        .filter((binding) => isAbout(binding, place.path))
        .map((binding) => ({ schema, binding })),
    );
    return { found, unboundPaths };
  });
  return (
    <AskedView asked={asked}>
      {({ found, unboundPaths }) =>
        found.length === 0 ? (
          <p className="nothing">
            No schema is about this path, so it{' '}
            {unboundPaths === 'free' ? 'takes any value' : 'takes none: the forest is strict'}.
          </p>
        ) : (
          <>
            {found.map(({ schema, binding }) => (
              <dl className="facts" key={`${schema.name} ${binding.path}`}>
                <div>
                  <dt>Schema</dt>
                  <dd>
                    {schema.name}, version {schema.version}
                  </dd>
                </div>
                <div>
                  <dt>Path</dt>
                  <dd>
                    <code>{binding.path}</code>
                  </dd>
                </div>
                <div>
                  <dt>Takes</dt>
                  <dd>
                    {binding.messageType === '' ? 'JSON that its JSON Schema accepts' : binding.messageType}
                  </dd>
                </div>
                <div>
                  <dt>Registered by</dt>
                  <dd>
                    {schema.author}, at revision {schema.revision}
                  </dd>
                </div>
              </dl>
            ))}
          </>
        )
      }
    </AskedView>
  );
}

/** A binding's path has a variable for a whole segment. */
function isAbout(binding: SchemaBinding, path: string): boolean {
  const [parts, segments] = [binding.path.split('/'), path.split('/')];
  if (parts.length !== segments.length) return false;
  return parts.every((part, at) => /^\{.*\}$/.test(part) || part === segments[at]);
}
