// One job on the page.
const MAKING = { image: "Making the image", video: "Making the video", audio: "Making the sound", result: "Working" };
const MADE = { image: "Image", video: "Video", audio: "Audio", result: "Result" };

function titleOf(job, kind, count) {
  if (job.status === "starting") return `${MAKING[kind]}…`;
  if (picking(job)) return count > 1 ? `Pick one of ${count}` : "Waiting for your approval";
  if (job.phase === "scheduled") return "Made; it is published later";
  if (job.status === "queued") return "In the queue";
  if (!ended(job)) return `${MAKING[kind]}…`;
  if (count === 1 && job.chosen && job.shown[0].number === job.chosen) return `Number ${job.chosen}, your pick`;
  if (job.status === "failed") return job.error?.code === "canceled" ? "Canceled" : "This did not work";
  return count > 1 ? `${count} ${kind === "audio" || kind === "result" ? "results" : `${kind}s`}` : MADE[kind];
}

function markOf(job) {
  if (job.status === "failed") return "mark failed";
  return rests(job) ? "mark done" : "mark busy";
}

function jobView(acts) {
  const slots = {};
  const names = ["head", "prompt", "trouble", "progress", "media", "facts", "path", "warnings", "actions"];
  for (const name of names) slots[name] = make("div", { hidden: true });
  const root = make("section", { class: "job" }, ...Object.values(slots));
  let heard = "";

  function update(job, detail, given) {
    const files = (job.shown = merged(job, detail, given));
    const kind = kindOf(job, detail);
    const title = titleOf(job, kind, files.length);
    const model = text(detail.model) || text(job.model) || text(given.model);
    root.setAttribute("aria-label", title);
    part(slots.head, [title, model, markOf(job)], () =>
      make("div", { class: "head" },
        make("span", { class: markOf(job), "aria-hidden": "true" }),
        make("h2", {}, title),
        model && make("span", { class: "model", title: model }, model)));
    const prompt = (text(detail.prompt) || text(given.prompt)).slice(0, 4000);
    part(slots.prompt, prompt, () => prompt && promptOf(prompt));
    part(slots.trouble, [job.error, job.next, job.status], () => troubleOf(job, acts));
    progressOf(slots.progress, job);
    part(slots.media, [job.unread || files, job.chosen, picking(job), job.status === "starting", given.size], () => mediaOf(job, files, given, acts));
    part(slots.facts, [job, detail], () => factList(job, detail, files));
    const path = files.length === 1 ? text(files[0].path) : "";
    part(slots.path, path, () => path && make("p", { class: "path", title: path }, make("bdi", {}, path)));
    part(slots.warnings, job.warnings, () => warningsOf(job));
    part(slots.actions, [files, job.status, job.stuck, picking(job)], () => actionsOf(job, files, acts));
    const news = ended(job) || rests(job) ? title : `${title} ${Math.floor((job.progress || 0) * 4) * 25} %`;
    if (news !== heard) say((heard = news));
    fit();
  }
  return { root, update };
}

// What the record tells of each file, with the links that open by themselves.
function merged(job, detail, given) {
  const known = new Map(filesOf(detail).map((file) => [text(file.name), file]));
  return filesOf(job).map((file, index) => {
    const name = nameOf(file);
    const more = known.get(name) ?? {};
    const address = webAddress(more.url) || webAddress(file.url);
    const alt = (text(detail.prompt) || text(given.prompt)).slice(0, 200);
    const number = Number.isInteger(file.number) && file.number > 0 ? file.number : index + 1;
    return { ...file, number, name, alt, address, preview: webAddress(more.preview) };
  });
}

function promptOf(prompt) {
  const shown = make("p", { class: "prompt" }, prompt);
  if (prompt.length < 140) return shown;
  const more = button("Show all", () => {
    const whole = shown.classList.toggle("whole");
    more.textContent = whole ? "Show less" : "Show all";
    more.setAttribute("aria-expanded", String(whole));
    fit();
  }, "more");
  more.setAttribute("aria-expanded", "false");
  return [shown, more];
}

function mediaOf(job, files, given, acts) {
  const [first] = files;
  const shape = first?.w > 0 && first.h > 0 ? first.w / first.h : shapeOf(given.size);
  if (!files.length || job.unread) {
    if ((rests(job) && !job.unread) || kindOf(job, {}) === "audio") return null;
    const waits = make("div", { class: "frame waits", "aria-hidden": "true" });
    waits.style.setProperty("--shape", shape || 16 / 9);
    return make("div", { class: "media one" }, waits);
  }
  const many = files.length > 1;
  const figures = files.map((file, index) => {
    const media = shown(job, file, index, many);
    const drawn = file.w > 0 && file.h > 0 ? file.w / file.h : shape;
    if (drawn) media.style.setProperty("--shape", Math.min(3, Math.max(0.4, drawn)));
    const number = many ? make("span", { class: "number", "aria-hidden": "true" }, String(file.number)) : null;
    const chosen = many && job.chosen === file.number;
    return make("figure", { class: chosen ? "chosen" : "" }, number, media, many ? captionOf(job, file, acts) : null);
  });
  const sounds = files.every((file) => sortOf(file) === "audio");
  // Four fit in a row, and so do three; more look best in rows of three or four that come out even.
  const row = files.length % 4 === 0 || files.length > 9 ? "by4" : files.length === 2 ? "" : "by3";
  return make("div", { class: `media ${many && !sounds ? `many ${row}` : "one"}` }, ...figures);
}

function captionOf(job, file, acts) {
  const { number } = file;
  const size = file.w && file.h ? `${file.w} × ${file.h}` : duration(file.seconds) || sizeOf(file.bytes);
  const seed = text(file.seed) && `seed ${text(file.seed)}`;
  const children = [text(file.model), seed || size].filter(Boolean).map((words) => make("span", {}, words));
  if (job.chosen === number) children.push(make("strong", { class: "pick" }, "Picked"));
  else if (!job.chosen && acts.canPick(job)) {
    children.push(button(`Pick ${number}`, () => acts.pick(job, number), picking(job) ? "pick main" : "pick"));
  }
  return make("figcaption", {}, ...children);
}

function progressOf(slot, job) {
  slot.hidden = rests(job) || Boolean(job.stuck);
  if (slot.hidden) return;
  if (!slot.bar) {
    slot.fill = make("div", { class: "fill" });
    slot.bar = make("div", { class: "track", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, slot.fill);
    slot.words = make("span");
    slot.share = make("span");
    slot.replaceChildren(slot.bar, make("p", {}, slot.words, slot.share));
    slot.classList.add("progress");
  }
  const share = Math.round(Math.min(1, Math.max(0, Number(job.progress) || 0)) * 100);
  slot.fill.classList.toggle("unknown", share === 0);
  slot.fill.style.width = `${share}%`;
  if (share) slot.bar.setAttribute("aria-valuenow", share);
  else slot.bar.removeAttribute("aria-valuenow");
  const words = { queued: "Waiting for its turn", submitting: "Sending the order", waiting: "The model is working", downloading: "Fetching the result", steps: "Working through the steps" };
  slot.words.textContent = words[job.phase] ?? "Starting";
  slot.share.textContent = share ? `${share} %` : "";
}

function troubleOf(job, acts) {
  const error = isObject(job.error) ? job.error : null;
  if (!error) return null;
  const next = text(error.next_step) || text(job.next);
  return make("div", { class: "trouble", role: "alert" },
    make("strong", {}, text(error.message) || "There is no reason given."),
    next && make("p", {}, next),
    text(error.code) && make("p", {}, make("code", {}, text(error.code))));
}

function factList(job, detail, files) {
  const [first] = files;
  const took = (Date.parse(detail.finished_at) - Date.parse(detail.started_at)) / 1000;
  const rows = [
    ["Price", priceOf(job, detail)],
    ["Time", ended(job) ? duration(took) : ""],
    ["Seed", text(job.seed)],
    ["Size", files.length === 1 && first.w && first.h ? `${first.w} × ${first.h}` : ""],
    ["Length", files.length === 1 ? duration(first.seconds) : ""],
    ["File", files.length === 1 ? sizeOf(first.bytes) : ""],
  ].filter(([, value]) => value);
  if (!rows.length) return null;
  return make("dl", { class: "facts" },
    ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function warningsOf(job) {
  const lines = list(job.warnings).map((line) => text(line).replace(/^[a-z_]+: /, "")).filter(Boolean);
  return lines.length ? make("ul", { class: "warnings" }, ...lines.map((line) => make("li", {}, line))) : null;
}

function actionsOf(job, files, acts) {
  const made = [];
  const [first] = files;
  if (files.length === 1 && ended(job)) {
    if (first.address && host.can("openLinks")) made.push(button("Open", () => acts.open(first), "main"));
    if (first.address && host.can("downloadFile")) made.push(button("Download", () => acts.download(first)));
    if (text(first.path)) made.push(button("Copy path", (self) => copy(text(first.path), self)));
    else if (first.address) made.push(button("Copy link", (self) => copy(first.address, self)));
  }
  if (job.status === "failed" && host.can("message")) made.push(button("Try again", () => acts.again(job)));
  if (job.stuck && (host.can("serverTools") || host.can("message"))) made.push(button("Check again", () => acts.check(job), "main"));
  if (picking(job) && files.length !== 1 && host.can("serverTools")) made.push(button("Take all", () => acts.approve(job)));
  if (picking(job) && files.length === 1 && host.can("serverTools")) made.push(button("Approve", () => acts.approve(job), "main"));
  return made.length ? make("div", { class: "actions" }, ...made) : null;
}
