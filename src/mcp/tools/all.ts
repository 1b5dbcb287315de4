/** The tools, in the order in which clients list them: reading, writing, ghosts, the past, locks, waiting. */
import type { Tool } from '../tool.ts';
import { acquireLock } from './acquire-lock.ts';
import { append } from './append.ts';
import { beginGhost } from './begin-ghost.ts';
import { blame } from './blame.ts';
import { changesSince } from './changes-since.ts';
import { checkpoint } from './checkpoint.ts';
import { commit } from './commit.ts';
import { diff } from './diff.ts';
import { history } from './history.ts';
import { list } from './list.ts';
import { publish } from './publish.ts';
import { read } from './read.ts';
import { releaseLock } from './release-lock.ts';
import { renderContext } from './render-context.ts';
import { revert } from './revert.ts';
import { search } from './search.ts';
import { showTree } from './show-tree.ts';
import { trace } from './trace.ts';
import { waitForChange } from './wait-for-change.ts';

export const allTools: readonly Tool[] = [
  read,
  list,
  search,
  renderContext,
  changesSince,
  waitForChange,
  showTree,
  publish,
  append,
  beginGhost,
  checkpoint,
  commit,
  revert,
  diff,
  history,
  blame,
  trace,
  acquireLock,
  releaseLock,
];
