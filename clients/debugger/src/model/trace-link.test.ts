/** Goal: an event leads to its trace, or nowhere. Method: templates and contexts, good and bad. */
import { expect, test } from 'vitest';
import { traceLink } from './trace-link.ts';

const context = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('the ids of the context stand where the template wants them', () => {
  expect(traceLink('https://jaeger.example.com/trace/{traceId}?span={spanId}', context)).toBe(
    'https://jaeger.example.com/trace/0af7651916cd43dd8448eb211c80319c?span=b7ad6b7169203331',
  );
});

test.each([
  ['no template', '', context],
  ['no context', 'https://a/{traceId}', undefined],
  ['an empty context', 'https://a/{traceId}', ''],
  ['a broken context', 'https://a/{traceId}', '00-xyz-b7ad6b7169203331-01'],
  ['a template that is a script', 'javascript:alert("{traceId}")', context],
])('%s leads nowhere', (_, template, traceParent) => {
  expect(traceLink(template, traceParent)).toBeUndefined();
});
