/** An answer of the broker, or what stands in its place. */
import type { ReactElement, ReactNode } from 'react';
import type { Asked } from './use.ts';

export function AskedView<Answer>({
  asked,
  children,
}: {
  readonly asked: Asked<Answer>;
  readonly children: (answer: Answer) => ReactNode;
}): ReactElement {
  if (asked.kind === 'failed')
    return (
      <p className="problem" role="alert">
        {asked.message}
      </p>
    );
  if (asked.kind === 'waiting') {
    // What was there stays until its successor comes: a panel that blinks cannot be read.
    if (asked.before !== undefined)
      return (
        <div className="answer" data-aged="true">
          {children(asked.before)}
        </div>
      );
    return (
      <p className="waiting-line" role="status">
        …
      </p>
    );
  }
  return <div className="answer">{children(asked.answer)}</div>;
}
