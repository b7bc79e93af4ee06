// Sounds: their shape, drawn from measured peaks, and a player that is moved with the pointer or the keys.
"use strict";
{
  const SPACE = "http://www.w3.org/2000/svg";
  const known = new Map();
  const peaksOf = (url) => {
    if (!known.has(url)) known.set(url, fetch(url).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null));
    return known.get(url);
  };

  // A bar for so many peaks: fewer where there is less room.
  async function draw(svg, url, step) {
    const found = await peaksOf(url);
    if (!found || svg.childElementCount) return;
    for (const name of ["all", "played"]) {
      const path = document.createElementNS(SPACE, "path");
      let d = "";
      for (let i = 0; i < found.peaks.length; i += step) {
        const high = Math.max(3, ...found.peaks.slice(i, i + step)) * 0.94;
        d += `M${i + step / 2} ${50 - high / 2}v${high}`;
      }
      path.setAttribute("d", d);
      path.setAttribute("class", name);
      svg.append(path);
    }
    svg.dataset.drawn = "";
    tell(svg, 0);
  }

  function tell(svg, part) {
    const played = svg.querySelector(".played");
    if (played) played.style.clipPath = `inset(0 ${100 - part * 100}% 0 0)`;
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target, target.dataset.peaks, 4);
    }
  }, { rootMargin: "200px" });
  const watch = () => { for (const svg of document.querySelectorAll("svg[data-peaks]:not([data-drawn])")) seen.observe(svg); };

  // One sound at a time, in the gallery as on every page.
  const sound = new Audio();
  let button = null;
  const icon = (name) => { button?.querySelector("use")?.setAttribute("href", button.querySelector("use").getAttribute("href").replace(/#.*/, `#${name}`)); };
  function show() {
    button?.setAttribute("aria-pressed", String(!sound.paused));
    icon(sound.paused ? "play" : "pause");
  }
  function listen(wanted) {
    if (button === wanted && !sound.paused) return sound.pause();
    if (button !== wanted) {
      sound.pause();
      show();
      button = wanted;
      sound.src = wanted.dataset.listen;
    }
    sound.play().catch(() => {});
  }
  for (const name of ["play", "pause", "ended"]) sound.addEventListener(name, show);
  sound.addEventListener("timeupdate", () => {
    const svg = button?.closest(".tile")?.querySelector("svg.wave");
    if (svg && sound.duration) tell(svg, sound.currentTime / sound.duration);
  });
  document.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-listen]");
    if (wanted) listen(wanted);
  });

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  function player(box) {
    const audio = new Audio(box.dataset.player);
    audio.preload = "metadata";
    box.audio = audio;
    const play = box.querySelector("[data-play]");
    const seek = box.querySelector(".seek");
    const svg = box.querySelector("svg.wave");
    const time = box.querySelector("[data-time]");
    const length = () => (Number.isFinite(audio.duration) ? audio.duration : Number(seek.getAttribute("aria-valuemax")) || 0);
    const update = () => {
      tell(svg, length() ? audio.currentTime / length() : 0);
      time.textContent = `${clock(audio.currentTime)} / ${clock(length())}`;
      seek.setAttribute("aria-valuemax", String(Math.round(length())));
      seek.setAttribute("aria-valuenow", String(Math.round(audio.currentTime)));
      seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(length())}`);
      play.setAttribute("aria-pressed", String(!audio.paused));
      play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
      const use = play.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, audio.paused ? "#play" : "#pause"));
    };
    const to = (seconds) => { audio.currentTime = Math.min(Math.max(0, seconds), length()); update(); };
    const toggle = () => (audio.paused ? audio.play().catch(() => {}) : audio.pause());
    play.addEventListener("click", toggle);
    for (const name of ["timeupdate", "play", "pause", "ended", "loadedmetadata", "durationchange"]) audio.addEventListener(name, update);
    const at = (event) => { const box = seek.getBoundingClientRect(); to(((event.clientX - box.left) / box.width) * length()); };
    seek.addEventListener("pointerdown", (event) => { seek.setPointerCapture(event.pointerId); at(event); });
    seek.addEventListener("pointermove", (event) => { if (seek.hasPointerCapture(event.pointerId)) at(event); });
    const steps = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 30, PageDown: -30 };
    seek.addEventListener("keydown", (event) => {
      if (event.key in steps) to(audio.currentTime + steps[event.key]);
      else if (event.key === "Home") to(0);
      else if (event.key === "End") to(length());
      else if (event.key === " " || event.key === "Enter") toggle();
      else return;
      event.preventDefault();
    });
    draw(svg, box.dataset.peaksUrl, 2);
  }

  const begin = () => {
    watch();
    for (const box of document.querySelectorAll("[data-player]:not([data-ready])")) {
      box.dataset.ready = "";
      player(box);
    }
  };
  document.addEventListener("htmx:afterSettle", begin);
  begin();
}
