// The gallery by keyboard, pointer and touch: moving, choosing, throwing away and taking it back.
"use strict";
{
  const tiles = () => all("#tiles .tile");
  const linkOf = (tile) => find(".open", tile);
  const boxOf = (tile) => find(".pick input", tile);
  const chosen = () => tiles().filter((tile) => boxOf(tile).checked);
  let last = null; // Where a selection with Shift starts.

  // One tile is in the order of the Tab key; the arrows move on from it.
  function focusOn(tile) {
    if (!tile) return;
    for (const one of tiles()) linkOf(one).tabIndex = one === tile ? 0 : -1;
    linkOf(tile).focus();
    tile.scrollIntoView({ block: "nearest" });
  }
  const current = () => document.activeElement?.closest?.("#tiles .tile");
  function rove() {
    const here = tiles();
    if (here.length && !here.some((tile) => linkOf(tile).tabIndex === 0)) linkOf(here[0]).tabIndex = 0;
  }
  const columns = () => {
    const here = tiles();
    const top = here[0]?.offsetTop;
    const next = here.findIndex((tile) => tile.offsetTop !== top);
    return next < 0 ? here.length || 1 : next;
  };

  function select(tile, on, through) {
    const here = tiles();
    const [from, to] = [here.indexOf(last), here.indexOf(tile)];
    const range = through && from >= 0 ? here.slice(Math.min(from, to), Math.max(from, to) + 1) : [tile];
    for (const one of range) {
      boxOf(one).checked = on;
      find(".cell", one).setAttribute("aria-selected", String(on));
      one.classList.toggle("on", on);
    }
    last = tile;
    count();
  }
  function count() {
    const bar = find("#selected");
    if (!bar) return;
    const number = chosen().length;
    bar.hidden = !number;
    find("#tiles")?.classList.toggle("choosing", number > 0);
    find("#selected-count").textContent = `${number} selected`;
  }
  function clear() {
    for (const tile of chosen()) select(tile, false);
    last = null;
  }

  // -- what is done to the chosen files
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  function send(what, ids) {
    return htmx.ajax("POST", `/dashboard/gallery/${what}`, { values: { id: ids }, headers: token(), swap: "none", source: document.body });
  }
  function act(what, ids) {
    const button = find(`[data-do="${what}"]`);
    if (!button || !ids.length) return;
    if (!button.dataset.ask) return send(what, ids);
    const dialog = find("#confirm");
    find("#confirm-text").textContent = ids.length > 1 ? `${ids.length} files. ${button.dataset.ask}` : button.dataset.ask;
    find("#confirm-yes").textContent = button.textContent.trim();
    dialog.returnValue = "no";
    dialog.onclose = () => { if (dialog.returnValue === "yes") send(what, ids); };
    dialog.showModal();
  }

  function told(text, undo) {
    toast(text);
    const box = find("#toasts").lastElementChild;
    if (!undo?.length) return;
    const back = document.createElement("button");
    Object.assign(back, { type: "button", textContent: "Undo", className: "undo" });
    back.addEventListener("click", () => { box.remove(); send("restore", undo); });
    box.insertBefore(back, box.lastElementChild);
  }

  document.addEventListener("files-moved", (event) => {
    const { text, ids, undo } = event.detail;
    const one = find("[data-one]");
    if (one) {
      // Told on the page where it goes on: the next file, or the list.
      sessionStorage.setItem("flexura-moved", JSON.stringify({ text, undo: undo ? ids : [] }));
      location.href = undo ? find("#older")?.href ?? find("#newer")?.href ?? one.dataset.up : one.dataset.up;
      return;
    }
    const here = tiles();
    const going = new Set(ids);
    const at = here.findIndex((tile) => going.has(tile.dataset.id));
    const found = here.filter((tile) => going.has(tile.dataset.id));
    const focused = Boolean(current()) || document.activeElement === document.body || find("#selected")?.contains(document.activeElement);
    for (const tile of found) tile.remove();
    fewer(found.length);
    told(text, undo ? ids : []);
    count();
    if (!found.length || !tiles().length) reload();
    else if (focused) focusOn(tiles()[Math.min(at, tiles().length - 1)]);
  });
  // What is told above the tiles stays true; "More than" does.
  function fewer(by) {
    const place = find("#count");
    if (place) place.textContent = place.textContent.replace(/^([\d,]+) files?/, (_, number) => {
      const left = Math.max(0, Number(number.replaceAll(",", "")) - by);
      return `${left.toLocaleString("en")} ${left === 1 ? "file" : "files"}`;
    });
  }
  function reload() {
    const form = find("#filters");
    if (form) htmx.trigger(form, "submit");
  }

  // -- pointer
  document.addEventListener("click", (event) => {
    const doing = event.target.closest("[data-do]");
    if (doing) return act(doing.dataset.do, find("[data-one]") ? [find("[data-one]").dataset.one] : chosen().map((tile) => tile.dataset.id));
    if (event.target.closest("#select-none")) return clear();
    const tile = event.target.closest("#tiles .tile");
    if (!tile) return;
    if (event.target.closest(".pick")) {
      if (event.target.matches("input")) select(tile, event.target.checked, event.shiftKey);
      return;
    }
    // While files are being chosen, a click chooses.
    if (event.target.closest(".open") && (chosen().length || event.shiftKey) && !event.ctrlKey && !event.metaKey && event.detail) {
      event.preventDefault();
      select(tile, !boxOf(tile).checked, event.shiftKey);
    }
  });

  // -- films play while they are looked at
  function film(tile, on) {
    const chip = tile && find("[data-film]", tile);
    if (!chip) return;
    let video = find("video", tile);
    if (on && !video) {
      video = document.createElement("video");
      Object.assign(video, { src: chip.dataset.film, muted: true, loop: true, playsInline: true, ariaHidden: "true", tabIndex: -1 });
      linkOf(tile).insertBefore(video, chip);
    }
    if (on) video.play().catch(() => {});
    else video?.remove();
  }
  const tileOf = (event) => event.target.closest?.("#tiles .tile");
  document.addEventListener("mouseover", (event) => { const tile = tileOf(event); if (tile && !tile.contains(event.relatedTarget)) film(tile, true); });
  document.addEventListener("mouseout", (event) => { const tile = tileOf(event); if (tile && !tile.contains(event.relatedTarget)) film(tile, false); });
  document.addEventListener("focusin", (event) => film(tileOf(event), true));
  document.addEventListener("focusout", (event) => film(tileOf(event), false));

  // -- keys
  const typing = (element) => element?.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable], .seek, .viewer, video, audio");
  const MOVES = { ArrowRight: 1, l: 1, ArrowLeft: -1, h: -1, ArrowDown: "down", j: "down", ArrowUp: "up", k: "up" };
  function step(tile, way) {
    const here = tiles();
    const by = { down: columns(), up: -columns() }[way] ?? way;
    const to = tile ? here.indexOf(tile) + by : 0;
    if (here[to]) focusOn(here[to]);
    else if (to >= here.length) {
      // The end of what is loaded: the rest comes when it is seen.
      find("#more a")?.scrollIntoView({ block: "nearest" });
      focusOn(here.at(-1));
    }
  }
  const KEYS = {
    "/": () => find("#f-q")?.focus(),
    "?": () => find("#keys")?.showModal(),
    Escape: () => clear(),
    Home: () => focusOn(tiles()[0]),
    End: () => focusOn(tiles().at(-1)),
    " ": (tile, event) => tile && select(tile, !boxOf(tile).checked, event.shiftKey),
    x: (tile) => tile && select(tile, !boxOf(tile).checked, false),
    X: (tile) => tile && select(tile, true, true),
    d: (tile) => act(find('[data-do="trash"]') ? "trash" : "delete", ids(tile)),
    r: (tile) => act("restore", ids(tile)),
    p: (tile) => tile && find("[data-listen]", tile)?.click(),
  };
  const ids = (tile) => (chosen().length ? chosen() : tile ? [tile] : []).map((one) => one.dataset.id);
  const ONE = { n: "#older", p: "#newer", Escape: "#up" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]") || find("#nav.open")) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target.id === "f-q") focusOn(tiles()[0]);
      return;
    }
    if (find("[data-one]")) {
      const way = find(ONE[event.key] ?? "#none");
      if (way) way.click();
      else if (event.key === "d" && find('[data-do="trash"]')) act("trash", [find("[data-one]").dataset.one]);
      return;
    }
    if (!find("#results")) return;
    const tile = current();
    const button = event.target.closest?.("button, summary, .button");
    if (event.key in MOVES) step(tile, MOVES[event.key]);
    else if (event.key in KEYS && !(button && event.key === " ")) KEYS[event.key](tile, event);
    else return;
    event.preventDefault();
  });

  // A picture that is still being made is asked for again, a few times.
  document.addEventListener("error", (event) => {
    const picture = event.target;
    if (!(picture instanceof HTMLImageElement) || !("again" in picture.dataset)) return;
    const tries = Number(picture.dataset.again || 0);
    if (tries >= 4) return picture.classList.add("lost");
    picture.dataset.again = String(tries + 1);
    setTimeout(() => { const set = picture.srcset; picture.srcset = ""; picture.srcset = set; picture.src = picture.src; }, 1500 * (tries + 1));
  }, true);

  // What is not asked for is not in the address either.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id !== "filters") return;
    const sent = event.detail.formData;
    for (const [name, value] of [...sent.entries()]) if (value === "") sent.delete(name);
  });
  document.addEventListener("htmx:afterSettle", () => { rove(); count(); });
  const moved = sessionStorage.getItem("flexura-moved");
  if (moved) {
    sessionStorage.removeItem("flexura-moved");
    const { text, undo } = JSON.parse(moved);
    told(text, undo);
  }
  // Who comes back from a file goes on where they were.
  const from = /\/gallery\/(art_\w+)$/.exec(document.referrer.split("?")[0])?.[1];
  if (from && document.activeElement === document.body) focusOn(document.getElementById(`t-${from}`));
  rove();
  count();
}
