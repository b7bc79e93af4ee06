// What every page does by itself: themes, copying, dialogs, confirmations, toasts, times that stay true.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Light and dark: what was chosen is kept in a cookie, so that the next page comes in it at once.
function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `flexura_theme=${root.dataset.theme}; path=/dashboard; max-age=31536000; samesite=strict`;
}

function toast(text, tone = "good") {
  const box = document.createElement("div");
  box.className = `toast ${tone}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "quiet", textContent: "×" });
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Close");
  box.append(words, close);
  find("#toasts")?.append(box);
}

// An error stays until it is closed; everything else goes by itself.
function leaveByThemselves() {
  for (const box of all(".toast:not(.bad):not([data-going])")) {
    box.dataset.going = "";
    setTimeout(() => box.remove(), 6000);
  }
}

async function copy(button) {
  const words = find("span", button);
  const before = words?.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    if (words) words.textContent = "Copied";
  } catch {
    // Without a secure origin there is no clipboard: mark the text, so that a key press copies it.
    const code = button.parentElement && find("code", button.parentElement);
    if (code) getSelection().selectAllChildren(code);
    if (words) words.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { if (words) words.textContent = before; }, 2000);
}

function menu(button) {
  const open = find("#nav").classList.toggle("open");
  button.setAttribute("aria-expanded", String(open));
  if (open) find("#nav a:not(.brand)").focus();
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on("[data-theme-toggle]")) toggleTheme();
  else if (on("[data-dismiss]")) on(".toast, [data-dismissible]")?.remove();
  else if (on("[data-copy]")) copy(on("[data-copy]"));
  else if (on("[data-menu]")) menu(on("[data-menu]"));
  else if (on("[data-open]")) document.getElementById(on("[data-open]").dataset.open)?.showModal();
  else if (on("[data-close]")) on("dialog")?.close();
  else if (event.target instanceof HTMLDialogElement) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !find("#nav.open")) return;
  find("#nav").classList.remove("open");
  find("[data-menu]").setAttribute("aria-expanded", "false");
  find("[data-menu]").focus();
});

// `hx-confirm` asks in our own dialog. `data-confirm-yes` names the button.
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const dialog = find("#confirm");
  find("#confirm-text").textContent = event.detail.question;
  find("#confirm-yes").textContent = event.detail.elt.dataset.confirmYes || "Yes";
  dialog.returnValue = "no";
  dialog.onclose = () => { if (dialog.returnValue === "yes") event.detail.issueRequest(true); };
  dialog.showModal();
});

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
document.addEventListener("htmx:sendError", () => toast("The gateway does not answer. Is it still running?", "bad"));
document.addEventListener("htmx:afterSwap", () => refresh());

// Times are told in the reader's own words and zone, and stay true while the page is open.
const UNITS = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
function tellTimes() {
  for (const time of all("time[data-ago]")) {
    const at = Date.parse(time.dateTime);
    if (Number.isNaN(at)) continue;
    const away = at - Date.now();
    const [unit, length] = UNITS.find(([, size]) => Math.abs(away) >= size) ?? ["second", 1e3];
    time.textContent = Math.abs(away) < 5e3 ? "now" : relative.format(Math.round(away / length), unit);
    time.title = new Date(at).toLocaleString();
  }
}

function refresh() {
  tellTimes();
  leaveByThemselves();
}
new MutationObserver(leaveByThemselves).observe(find("#toasts") ?? document.createElement("div"), { childList: true });
setInterval(tellTimes, 15000);
refresh();

// A one-time code travels in the fragment of the link, which no server and no log ever sees.
const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
if (code && find("#sign-in")) {
  history.replaceState(null, "", location.pathname + location.search);
  find("#secret").value = code;
  find("#sign-in").requestSubmit();
}
