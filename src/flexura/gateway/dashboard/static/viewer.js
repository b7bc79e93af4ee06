// Looking closely: pictures are zoomed and moved with the wheel, the pointer, two fingers or the keys. Those of
// one `data-sync` group move together.
"use strict";
{
  const MOST = 16;
  const groups = new Map();
  const viewsOf = (box) => (box.dataset.sync ? [...document.querySelectorAll(`[data-viewer][data-sync="${box.dataset.sync}"]`)] : [box]);
  const keyOf = (box) => box.dataset.sync || box;
  const state = (box) => {
    if (!groups.has(keyOf(box))) groups.set(keyOf(box), { scale: 1, x: 0, y: 0 });
    return groups.get(keyOf(box));
  };

  // x and y are parts of the box, so that boxes of any size show the same place.
  function show(box) {
    const at = state(box);
    const most = (at.scale - 1) / 2;
    at.x = Math.min(most, Math.max(-most, at.x));
    at.y = Math.min(most, Math.max(-most, at.y));
    for (const one of viewsOf(box)) {
      one.classList.toggle("zoomed", at.scale > 1);
      for (const picture of one.querySelectorAll("img, video")) {
        picture.style.transform = `translate(${at.x * one.clientWidth}px, ${at.y * one.clientHeight}px) scale(${at.scale})`;
      }
    }
    for (const told of document.querySelectorAll("[data-zoom-told]")) told.textContent = `${Math.round(at.scale * 100)} %`;
  }

  // The place under the pointer stays where it is.
  function zoom(box, factor, clientX, clientY) {
    const at = state(box);
    const frame = box.getBoundingClientRect();
    const x = clientX === undefined ? 0 : (clientX - frame.left) / frame.width - 0.5;
    const y = clientY === undefined ? 0 : (clientY - frame.top) / frame.height - 0.5;
    const scale = factor ? Math.min(MOST, Math.max(1, at.scale * factor)) : 1;
    at.x = x - ((x - at.x) * scale) / at.scale;
    at.y = y - ((y - at.y) * scale) / at.scale;
    at.scale = scale;
    show(box);
  }

  function move(box, x, y) {
    const at = state(box);
    at.x += x;
    at.y += y;
    show(box);
  }

  const KEYS = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
  const pointers = new Map();
  function begin(box) {
    box.dataset.ready = "";
    box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && state(box).scale === 1 && event.deltaY > 0) return;
      event.preventDefault();
      zoom(box, Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
    }, { passive: false });
    box.addEventListener("dblclick", (event) => zoom(box, state(box).scale > 1 ? 0 : 3, event.clientX, event.clientY));
    box.addEventListener("keydown", (event) => {
      if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "+" || event.key === "=") zoom(box, 1.25);
      else if (event.key === "-") zoom(box, 0.8);
      else if (event.key === "0") zoom(box, 0);
      else if (event.key in KEYS && state(box).scale > 1) move(box, ...KEYS[event.key]);
      else return;
      event.preventDefault();
    });
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      pointers.set(event.pointerId, event);
      if (state(box).scale > 1 || pointers.size > 1) box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId);
      const far = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      if (other) zoom(box, far(event) / Math.max(1, far(before)), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      else if (state(box).scale > 1) move(box, (event.clientX - before.clientX) / box.clientWidth, (event.clientY - before.clientY) / box.clientHeight);
      pointers.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) box.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom-by]");
    const box = button && document.querySelector(button.dataset.zoomOf || "[data-viewer]");
    if (box) zoom(box, Number(button.dataset.zoomBy));
  });
  const all = () => {
    for (const box of document.querySelectorAll("[data-viewer]:not([data-ready])")) { begin(box); show(box); }
    for (const bar of document.querySelectorAll("[data-zoom]")) bar.hidden = false;
  };
  addEventListener("resize", () => { for (const box of document.querySelectorAll("[data-viewer]")) show(box); });
  document.addEventListener("htmx:afterSettle", all);
  all();
}
