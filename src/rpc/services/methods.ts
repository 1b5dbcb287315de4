/** All RPCs of the broker. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Call, Method } from '../transport.ts';
import { HistoryGone } from '../../subscriptions/source.ts';
import { Refused } from '../errors.ts';
import { backupMethods } from './backup.ts';
import { blameMethods } from './blame.ts';
import { diffMethods } from './diff.ts';
import { forestMethods } from './forests.ts';
import { ghostMethods } from './ghosts.ts';
import { historyMethods } from './history.ts';
import { lockMethods } from './locks.ts';
import { publishMethods } from './publish.ts';
import { readMethods } from './read.ts';
import { renderMethods } from './render-context.ts';
import { reviewMethods } from './reviews.ts';
import { schemaMethods } from './schemas.ts';
import { searchMethods } from './search.ts';
import type { ServiceContext } from './service.ts';
import { subscribeMethods } from './subscribe.ts';
import { traceMethods } from './trace.ts';

export function hyperloomMethods(context: ServiceContext): readonly Method[] {
  const families = [
    publishMethods,
    readMethods,
    subscribeMethods,
    ghostMethods,
    lockMethods,
    reviewMethods,
    historyMethods,
    diffMethods,
    blameMethods,
    searchMethods,
    renderMethods,
    traceMethods,
    forestMethods,
    backupMethods,
    schemaMethods,
  ];
  return families.flatMap((family) => family(context)).map(withHistory);
}

/** History can be given up while a call reads it: that is a refusal as any other. */
function withHistory(method: Method): Method {
  if (method.kind !== 'unary') return method;
  const handle = method.handle.bind(method);
  return {
    ...method,
    handle(request: MessageShape<DescMessage>, call: Call) {
      const response = handle(request, call);
      return response instanceof Promise ? response.catch(asRefusal) : response;
    },
  };
}

function asRefusal(error: unknown): never {
  throw error instanceof HistoryGone ? new Refused(error.rejection) : error;
}
