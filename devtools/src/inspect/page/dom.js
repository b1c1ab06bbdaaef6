// Makes elements. Texts are always texts: nothing that a server sends becomes HTML.

/** An element with a class, and children: elements or texts; null and false are skipped. */
export function element(name, className = '', ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.flat().filter((it) => it !== null && it !== undefined && it !== false));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Sets a text only if it changes, which spares the layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows text that may be long: only as much as a page can lay out at once. */
export function block(text, limit = 200_000) {
  const made = element('pre', '', text.slice(0, limit));
  made.tabIndex = 0;
  if (text.length > limit) made.append('\n…');
  return made;
}
