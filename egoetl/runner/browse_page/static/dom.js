// Elements with text, never with markup: whatever a file says is text on this page.

export const byId = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

export function choices(select, pairs) {
  const before = select.value;
  fill(select, ...pairs.map(([value, text]) => element("option", { value, textContent: text })));
  if (pairs.some(([value]) => value === before)) select.value = before;
}

export function say(sentence, wrong = false) {
  const message = byId("message");
  message.textContent = sentence;
  message.className = wrong ? "wrong" : "";
}
