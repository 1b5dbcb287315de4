/** Draws nodes as a tree. */
import type { Node } from '../../../clients/typescript/src/index.ts';
import type { Style } from './style.ts';
import { visible } from './text.ts';
import { valueLine } from './values.ts';
import { cutEnd, cutMiddle, widthOf } from './width.ts';

/** However deep it is, so much of a name is shown, though the line breaks then. */
const nameWidthMin = 6;
/** Less of a value says nothing. */
const valueWidthMin = 5;

interface Branch {
  readonly children: Map<string, Branch>;
  node: Node | undefined;
}

/** The lines of everything at and below `top`. */
export function treeLines(
  top: string,
  nodes: readonly Node[],
  style: Style,
  columns: number,
): readonly string[] {
  const root: Branch = { children: new Map(), node: undefined };
  for (const node of nodes) place(root, top, node);
  const lines = [style.bold(visible(top)) + suffix(root, columns - widthOf(top), style)];
  draw(root, '', lines, style, columns);
  return lines;
}

function place(root: Branch, top: string, node: Node): void {
  let branch = root;
  for (const segment of node.path.slice(top.length).split('/')) {
    if (segment === '') continue;
    let child = branch.children.get(segment);
    if (child === undefined) {
      child = { children: new Map(), node: undefined };
      branch.children.set(segment, child);
    }
    branch = child;
  }
  branch.node = node;
}

function draw(branch: Branch, indent: string, lines: string[], style: Style, columns: number): void {
  let left = branch.children.size;
  for (const [segment, child] of branch.children) {
    left -= 1;
    const isLast = left === 0;
    const head = `${indent}${isLast ? '└── ' : '├── '}`;
    const name = cutMiddle(visible(segment), Math.max(nameWidthMin, columns - head.length));
    const room = columns - head.length - widthOf(name);
    lines.push(`${style.dim(head)}${name}${suffix(child, room, style)}`);
    draw(child, `${indent}${isLast ? '    ' : '│   '}`, lines, style, columns);
  }
}

function suffix({ node, children }: Branch, room: number, style: Style): string {
  if (node === undefined) return '';
  const hidden = children.size === 0 && node.childCount > 0 ? `  (${node.childCount} below)` : '';
  const valueRoom = room - hidden.length - 2;
  // Of bytes and messages the line says what they are, whatever the room.
  const value = valueRoom < valueWidthMin ? '' : cutEnd(valueLine(node, valueRoom), valueRoom);
  return style.dim(value === '' ? hidden : `  ${value}${hidden}`);
}
