import { operation } from '../../../clients/typescript/src/index.ts';
import { fencingField, ghostField, labelField, pathField } from '../fields.ts';
import { additionFields, readAddition } from '../shapes/operation.ts';
import { publishedShape, tellPublished } from '../shapes/published.ts';
import { adds, defineTool } from '../tool.ts';
import { asUse } from '../wrong-use.ts';

export const append = defineTool({
  name: 'append',
  title: 'Append to a node',
  description:
    'Adds to the end of a text, or items to the end of a JSON array, and makes the node if it is not there. The cheapest way to note something: nothing has to be read before, and it never conflicts with what others append.',
  input: {
    path: pathField,
    ...additionFields,
    label: labelField,
    ghost_id: ghostField,
    fencing_tokens: fencingField,
  },
  output: publishedShape,
  hints: adds,
  async run({ path, text, items, label, ghost_id, fencing_tokens }, { within, signal }) {
    const operations = [asUse(() => operation.append(path, readAddition({ text, items })))];
    const options = {
      label,
      signal,
      ...(fencing_tokens.length === 0 ? {} : { fencingTokens: fencing_tokens }),
    };
    const published = await within(ghost_id, (verbs) => verbs.publish(operations, options));
    return { structured: tellPublished(published) };
  },
});
