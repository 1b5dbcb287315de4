/** Messages that come as ProtoJSON. */
import type { ValueForms } from '../../schema/value-forms.ts';
import { unbound } from '../../schema/verdict.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Value } from '../../state/values/value.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { orRefuse, Refused } from '../errors.ts';
import { checkSize, jsonFrom, jsonValue } from './value.ts';

/** The message that JSON stands for at a path. `field` is its place in the request. Throws `Refused`. */
export type ReadMessageJson = (json: Uint8Array, path: Path, field: string) => Value;

/**
 * Reads by the newest schemas of a forest, or those that its ghost is to bring: those that judge the message when it is applied, in this same turn unless it waits for
 * locks. A request that is known is answered from memory, whatever has become of the schema since: its JSON then stands for itself.
 */
export function messageJsonReader(
  forest: () => Forest,
  valueForms: ValueForms,
  requestId: string,
  ghostId: string,
): ReadMessageJson {
  return (bytes, path, field) => {
    const text = formatPath(path);
    const json = jsonFrom(bytes, field, text);
    const known = forest();
    if (requestId !== '' && known.isRequestKnown(requestId)) return jsonValue(json, bytes.length);
    const bound = known.schemasIn(ghostId).find(path);
    if (bound === null) throw new Refused(unbound(text, field, 'it cannot be turned into a message'));
    const value = orRefuse(valueForms.message(json, text, bound, field));
    checkSize(value.bytes, field);
    return value;
  };
}
