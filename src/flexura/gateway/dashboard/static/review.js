// Comparing: one over the other with a slider, films and sounds in step, picking by number.
"use strict";
{
  let mode = "grid";
  const sides = { a: "", b: "" };
  const variant = (number) => find(`.variant[data-number="${number}"]`);

  function picture(item, medium) {
    const one = document.createElement(medium === "video" ? "video" : "img");
    if (medium === "video") Object.assign(one, { muted: true, loop: true, playsInline: true, src: item.dataset.url });
    else Object.assign(one, { src: item.dataset.url, alt: "", draggable: false });
    one.width = Number(item.dataset.width);
    one.height = Number(item.dataset.height);
    return one;
  }

  function stage() {
    const box = find("#swipe");
    const floor = find("#swipe .stage");
    const [a, b] = ["a", "b"].map((side) => {
      const chooser = find(`[data-side="${side}"]`, box);
      if (sides[side] && find(`option[value="${sides[side]}"]`, chooser)) chooser.value = sides[side];
      sides[side] = chooser.value;
      return variant(chooser.value);
    });
    const medium = find("#set").dataset.medium;
    const over = document.createElement("div");
    over.className = "over";
    over.append(picture(a, medium));
    floor.replaceChildren(picture(b, medium), over, Object.assign(document.createElement("div"), { className: "line" }));
    divide();
    dispatchEvent(new Event("resize"));
    if (medium === "video") for (const film of all("video", floor)) film.play().catch(() => {});
  }
  function divide() {
    const range = find("[data-divider]");
    if (!range || !find("#swipe .over")) return;
    find("#swipe .over").style.clipPath = `inset(0 ${100 - range.value}% 0 0)`;
    find("#swipe .line").style.left = `${range.value}%`;
  }

  function show(wanted) {
    const box = find("#swipe");
    mode = box ? wanted : "grid";
    if (box) box.hidden = mode !== "swipe";
    find("#variants")?.classList.toggle("folded", mode === "swipe");
    for (const button of all("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    if (mode === "swipe") stage();
    else find("#swipe .stage")?.replaceChildren();
  }

  // The pointer draws the line itself, unless the pictures are zoomed: then it moves them.
  const drag = (event) => {
    const floor = event.target.closest("#swipe .stage");
    if (!floor || floor.classList.contains("zoomed") || !event.buttons) return;
    const frame = floor.getBoundingClientRect();
    find("[data-divider]").value = String(((event.clientX - frame.left) / frame.width) * 100);
    divide();
  };
  document.addEventListener("pointerdown", drag);
  document.addEventListener("pointermove", drag);
  document.addEventListener("input", (event) => { if (event.target.matches("[data-divider]")) divide(); });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-side]")) return;
    sides[event.target.dataset.side] = event.target.value;
    stage();
  });

  // -- films in step
  const films = () => all(mode === "swipe" ? "#swipe video" : "#variants video");
  function together() {
    const wanted = !films().some((film) => !film.paused);
    const at = films()[0]?.currentTime ?? 0;
    for (const film of films()) {
      film.currentTime = at;
      if (wanted) film.play().catch(() => {});
      else film.pause();
    }
    for (const film of films().slice(1)) film.muted = true;
    const button = find("[data-together]");
    button?.setAttribute("aria-pressed", String(wanted));
  }
  // Whoever moves one moves all; what follows by itself does not lead.
  let leading = 0;
  document.addEventListener("seeked", (event) => {
    if (!films().includes(event.target) || performance.now() < leading) return;
    leading = performance.now() + 400;
    for (const film of films()) if (film !== event.target && Math.abs(film.currentTime - event.target.currentTime) > 0.05) film.currentTime = event.target.currentTime;
  }, true);

  // -- sounds: the next one goes on where the last one is
  const players = () => all("#variants [data-player]").filter((box) => box.audio);
  let heard = 0;
  function turn() {
    const here = players();
    if (!here.length) return;
    const playing = here.findIndex((box) => !box.audio.paused);
    const from = playing < 0 ? heard % here.length : playing;
    const to = playing < 0 ? from : (from + 1) % here.length;
    const at = here[from].audio.currentTime;
    here[from].audio.pause();
    here[to].audio.currentTime = at;
    here[to].audio.play().catch(() => {});
    heard = to;
    for (const [place, box] of here.entries()) box.closest(".variant").classList.toggle("heard", place === to);
  }

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("[data-mode]")) show(on("[data-mode]").dataset.mode);
    else if (on("[data-together]")) together();
    else if (on("[data-switch]")) turn();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    if (event.target.matches("input[type=text], input[type=search], textarea, select")) return;
    const medium = find("#set")?.dataset.medium;
    if (/^[1-9]$/.test(event.key)) find(`[data-pick="${event.key}"]`)?.click();
    else if (event.key === "s" && medium === "audio") turn();
    else if (event.key === "s") show(mode === "swipe" ? "grid" : "swipe");
    else if (event.key === "k" && medium === "video") together();
    else if (event.key === "?") find("#keys").showModal();
    else if (["+", "=", "-", "0"].includes(event.key) && medium === "image" && !event.target.matches("[data-viewer]")) find(`[data-zoom-by="${{ "-": "0.8", 0: "0" }[event.key] ?? "1.25"}"]`)?.click();
    else return;
    event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "set" || find("#swipe")) show(mode); });
}
