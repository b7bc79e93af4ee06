// Parts of a page that follow what happens, by server-sent events. A page that nobody looks at does not listen:
// browsers keep few connections open, and the page says what it has when it is looked at again.
"use strict";
{
  const LONGEST = 30000;
  const MOST = 200;

  class Live {
    constructor(root) {
      this.root = root;
      this.wait = 1000;
      this.waiting = [];
      this.open();
      document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
      document.addEventListener("live:again", () => { if (!this.ended) { this.close(); this.open(); } });
      addEventListener("pagehide", () => this.close());
      addEventListener("pageshow", () => this.open());
    }

    open() {
      if (this.source || this.ended || document.hidden || !this.root.isConnected) return;
      const url = new URL(this.root.dataset.live, location.href);
      const seen = [...this.root.querySelectorAll("[data-version]")].map((part) => `${part.id}:${part.dataset.version}`);
      url.searchParams.set("seen", seen.join(","));
      const source = this.source = new EventSource(url);
      source.addEventListener("open", () => { this.wait = 1000; this.say("on"); });
      source.addEventListener("part", (event) => this.take(event.data));
      source.addEventListener("end", () => { this.ended = true; this.close(); this.say("ended"); });
      source.addEventListener("error", () => {
        if (this.source !== source) return;
        this.close();
        this.say("off");
        setTimeout(() => this.open(), this.wait);
        this.wait = Math.min(this.wait * 2, LONGEST);
      });
    }

    close() {
      this.source?.close();
      this.source = null;
    }

    say(state) { this.root.dataset.liveState = state; }

    take(html) {
      this.waiting.push(html);
      this.settle();
    }

    // Nothing moves under somebody's hands: not while they are asked something, not while they are answered.
    settle() {
      clearTimeout(this.later);
      if (document.querySelector("dialog[open]") || this.root.querySelector(".htmx-request")) {
        if (this.waiting.length > MOST) { this.waiting = []; this.close(); }
        this.later = setTimeout(() => this.settle(), 150);
        return;
      }
      for (const html of this.waiting.splice(0)) this.show(html);
      this.open();
    }

    show(html) {
      const focused = document.activeElement?.id;
      const parsed = document.createElement("template");
      parsed.innerHTML = html;
      for (const part of [...parsed.content.children]) this.place(part);
      if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
      document.dispatchEvent(new Event("live:changed"));
    }

    place(part) {
      const old = document.getElementById(part.id);
      if (old?.dataset.version === part.dataset.version && old) return;
      this.tell(part, old);
      if (old) old.replaceWith(part);
      else if (!this.insert(part)) return;
      htmx.process(part);
    }

    // A row that is new goes to its place; `data-order` grows with what is newer.
    insert(part) {
      const list = this.root.querySelector("[data-live-list]");
      if (!list || !part.dataset.order) return false;
      const behind = [...list.children].find((row) => row.dataset.order < part.dataset.order);
      if (!behind && list.dataset.liveList === "newest" && list.children.length) return false;
      part.classList.add("fresh");
      list.insertBefore(part, behind ?? null);
      while (list.children.length > Number(list.dataset.most || MOST)) list.lastElementChild.remove();
      for (const hidden of this.root.querySelectorAll("[data-when-filled]")) hidden.hidden = false;
      for (const note of this.root.querySelectorAll("[data-when-empty]")) note.hidden = true;
      return true;
    }

    // Who listens to the page hears when something came to another state, not each step of its progress.
    tell(part, old) {
      const words = part.dataset.say;
      const place = document.getElementById("live-say");
      if (words && place && words !== old?.dataset.say) place.textContent = words;
    }
  }

  const start = () => { for (const root of document.querySelectorAll("[data-live]")) new Live(root); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();

  // What is left of a job is counted down between what the gateway says of it.
  const tick = () => {
    for (const one of document.querySelectorAll("[data-until]")) {
      const left = Math.round((Date.parse(one.dataset.until) - Date.now()) / 1000);
      one.textContent = left > 90 ? `about ${Math.round(left / 60)} min left` : left > 1 ? `about ${left} s left` : "any moment now";
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("live:changed", tick);
  tick();
}
