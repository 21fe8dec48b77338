import type { SyntaxNode } from "@lezer/common";

/** One node of the syntax tree with the text it stands in. */
export interface Source {
  readonly node: SyntaxNode;
  readonly input: string;
}

export const textOf = ({ node, input }: Source): string => input.slice(node.from, node.to);

/** The children that mean something: comments are nodes too, wherever they stand. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== "LineComment") children.push(child);
  }
  return children;
}
