// Building the page. Strings become text nodes and attribute values, never markup.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false || value === "") continue;
    if (name === "class") element.className = value;
    else if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== ""));
  return element;
}

// A part of the page that is built anew only when what it shows has changed, so that a player plays on.
function part(slot, shown, build) {
  const key = JSON.stringify(shown);
  if (slot.shown === key) return;
  slot.shown = key;
  const focus = slot.contains(document.activeElement) ? document.activeElement.textContent : null;
  const built = [build()].flat().filter(Boolean);
  slot.replaceChildren(...built);
  slot.hidden = built.length === 0;
  if (focus !== null) [...slot.querySelectorAll("button")].find((b) => b.textContent === focus)?.focus();
}

const said = document.getElementById("said");
function say(words, seen = false) {
  said.className = seen ? "note" : "unseen";
  if (said.textContent !== words) said.textContent = words;
  fit();
}

function button(label, act, kind = "") {
  const made = make("button", { type: "button", class: `act ${kind}`.trim() }, label);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    made.setAttribute("aria-disabled", "true");
    try {
      await act(made);
    } catch (problem) {
      say(`That did not work: ${problem.message}`, true);
      brief(made, "Did not work");
    } finally {
      made.removeAttribute("aria-disabled");
    }
  });
  return made;
}

// Says something in a button for a moment.
function brief(made, words) {
  const label = (made.label ??= made.textContent);
  made.textContent = words;
  clearTimeout(made.timer);
  made.timer = setTimeout(() => (made.textContent = label), 1800);
}

async function copy(words, made) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const field = make("textarea", { class: "unseen", "aria-hidden": "true" });
    field.value = words;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    made.focus();
    if (!done) throw new Error("copying is not allowed here; select the path instead.");
  }
  brief(made, "Copied");
  say("Copied.");
}

// Tells the host how much room the page wants.
let told = "";
function fit() {
  if (!host.state.greeted) return;
  const open = stage.open ? 520 : 0;
  const height = Math.ceil(Math.max(document.body.getBoundingClientRect().height, open));
  const size = { width: Math.ceil(window.innerWidth), height };
  if (told === JSON.stringify(size)) return;
  told = JSON.stringify(size);
  host.tell("ui/notifications/size-changed", size);
}

// The host's colours, fonts and dimensions; all have defaults in the style sheet.
function dress(context) {
  Object.assign(host.state.context, context);
  const root = document.documentElement;
  if (context.theme === "light" || context.theme === "dark") {
    root.dataset.theme = context.theme;
    root.style.colorScheme = context.theme;
  }
  const variables = isObject(context.styles?.variables) ? context.styles.variables : {};
  for (const [name, value] of Object.entries(variables)) {
    if (/^--[a-z0-9-]+$/.test(name) && typeof value === "string") root.style.setProperty(name, value);
  }
  const fonts = text(context.styles?.css?.fonts);
  if (fonts) {
    const sheet = document.getElementById("fonts") ?? document.head.appendChild(make("style", { id: "fonts" }));
    sheet.textContent = fonts;
  }
  const inset = context.safeAreaInsets;
  if (isObject(inset)) {
    const side = (name) => `${16 + (Number(inset[name]) || 0)}px`;
    document.body.style.padding = ["top", "right", "bottom", "left"].map(side).join(" ");
  }
}
