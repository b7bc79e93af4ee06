// From the host's messages to the page, and from the page's buttons back.
const jobs = new Map();
const place = document.getElementById("jobs");
const WAITS = [2, 3, 4, 5, 6, 8, 10, 10, 15, 20];
const MOST_LOOKS = 150;
const MOST_FAILURES = 5;
let given = {};
let following = false;
let answered = false;

function entry(id) {
  let found = jobs.get(id);
  if (!found) {
    found = { record: {}, detail: {}, view: jobView(acts) };
    jobs.set(id, found);
    place.append(found.view.root);
  }
  return found;
}

function drawn(id) {
  const found = entry(id);
  found.view.update(found.record, found.detail, jobs.size === 1 ? given : {});
}

function took(record) {
  const id = text(record.job_id);
  const found = entry(id);
  const { chosen } = found.record;
  // Links in a record may want a key: the place is kept free until those are read that open by themselves.
  const unread = rests(record) && filesOf(record).length > 0 && host.can("serverResources");
  found.record = { ...record, chosen, unread };
  drawn(id);
  if (rests(record)) described(id);
}

// What the record leaves out: prompt, times, and links that open by themselves.
async function described(id) {
  if (!host.can("serverResources")) return;
  const found = entry(id);
  try {
    const read = await host.request("resources/read", { uri: `flexura://job/${encodeURIComponent(id)}` }, 10);
    const detail = JSON.parse(text(list(read.contents)[0]?.text));
    if (isObject(detail)) found.detail = detail;
  } catch {
    // The record alone is shown.
  }
  found.record.unread = false;
  if (!host.state.over) drawn(id);
}

function clear() {
  jobs.clear();
  place.replaceChildren();
}

function message(words, error) {
  clear();
  const found = entry("");
  found.record = error ? { status: "failed", error } : { status: "completed" };
  if (error) return found.view.update(found.record, {}, given);
  found.view.root.replaceChildren(make("p", { class: "note" }, words));
  say(words);
  fit();
}

function starting(input) {
  given = isObject(input) ? input : {};
  if (answered) return;
  const found = entry("");
  found.record = { status: "starting", phase: "queued" };
  found.view.update(found.record, {}, given);
}

function show(result) {
  answered = true;
  const facts = factsOf(result);
  const records = jobsOf(facts);
  if (records.length) {
    clear();
    place.classList.toggle("several", records.length > 1);
    records.forEach(took);
    follow();
    if (!host.can("serverTools")) records.filter((job) => !rests(job)).forEach((job) => stuck(job, "This chat does not follow it by itself."));
  } else if (isObject(facts.error)) message("", facts.error);
  else if (facts.dry_run === true) {
    const amount = isObject(facts.cost) ? priceOf({}, { cost: facts.cost }) : "";
    message(`Nothing was ordered. ${text(facts.model)} would cost ${amount || "an unknown price"}.`);
  } else message(text(facts.next) || "There is nothing to show.");
}

async function call(argumentsOfIt) {
  const result = await host.request("tools/call", { name: "job_status", arguments: argumentsOfIt });
  const facts = factsOf(result);
  const records = jobsOf(facts);
  if (!records.length) throw new Error(text(facts.error?.message) || "The gateway gave no job back.");
  return records;
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const visible = () =>
  document.visibilityState === "visible" ||
  new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));

// Looks after running jobs until they end: longer and longer waits, not for ever, not while nobody looks.
async function follow() {
  if (following || !host.can("serverTools")) return;
  following = true;
  let failures = 0;
  const running = () => [...jobs.values()].map((each) => each.record).filter((job) => job.job_id && !rests(job) && !job.stuck);
  for (let look = 0; running().length && !host.state.over; look += 1) {
    await visible();
    try {
      if (look >= MOST_LOOKS) throw Object.assign(new Error("It takes very long."), { last: true });
      const wait = WAITS[Math.min(look, WAITS.length - 1)];
      const records = await call({ job_ids: running().map((job) => text(job.job_id)), wait });
      failures = 0;
      records.forEach(took);
      const done = records.filter(rests);
      if (done.length) await inform(done);
    } catch (problem) {
      failures += 1;
      if (host.state.over) break;
      if (problem.last || failures >= MOST_FAILURES) {
        for (const job of running()) stuck(job, `It is no longer followed here: ${problem.message}`);
      } else await pause(2 ** failures);
    }
  }
  following = false;
}

function stuck(job, why) {
  const id = text(job.job_id);
  entry(id).record = { ...job, stuck: true, warnings: [...list(job.warnings), why] };
  drawn(id);
}

// The model reads what the user sees: the records, exactly as job_status gave them.
async function inform(records) {
  if (!host.can("updateModelContext")) return;
  const content = [{ type: "text", text: JSON.stringify(records.length === 1 ? records[0] : { jobs: records }) }];
  await host.request("ui/update-model-context", { content }).catch(() => {});
}

// Fixed words only: no prompt, error or model name is ever put into the user's mouth.
async function speak(words) {
  const content = [{ type: "text", text: words }];
  if (host.can("message")) {
    const { isError } = await host.request("ui/message", { role: "user", content });
    if (isError !== true) return;
  }
  if (host.can("updateModelContext")) await host.request("ui/update-model-context", { content });
}

const safeId = (job) => text(job.job_id).replace(/[^A-Za-z0-9_-]/g, "").slice(0, 80);

const acts = {
  canPick: (job) => host.can("serverTools") && (picking(job) || job.status === "completed"),
  async pick(job, number) {
    const id = text(job.job_id);
    const [record] = await call({ job_ids: [id], action: `pick:${number}`, wait: 20 });
    entry(id).record.chosen = number;
    took(record);
    say(`Number ${number} is picked.`);
    await speak(`I picked number ${number} of job ${safeId(job)}. It is chosen already; go on with it.`);
    follow();
  },
  async approve(job) {
    const [record] = await call({ job_ids: [text(job.job_id)], action: "approve", wait: 20 });
    took(record);
    await speak(`I approved job ${safeId(job)}. Go on with it.`);
    follow();
  },
  again: (job) => speak(job.job_id ? `Try job ${safeId(job)} again.` : "Try that again."),
  async check(job) {
    if (!host.can("serverTools")) return speak(`Look at the status of job ${safeId(job)}.`);
    entry(text(job.job_id)).record = { ...job, stuck: false, warnings: [] };
    drawn(text(job.job_id));
    follow();
  },
  async open(file) {
    const { isError } = await host.request("ui/open-link", { url: file.address });
    if (isError === true) throw new Error("the chat program did not open it; copy the link instead.");
  },
  async download(file) {
    const link = { type: "resource_link", uri: file.address, name: file.name || "file", mimeType: text(file.mime) };
    await host.request("ui/download-file", { contents: [link] });
  },
};

host.on("ui/notifications/tool-input", (params) => starting(params.arguments));
host.on("ui/notifications/tool-input-partial", (params) => starting(params.arguments));
host.on("ui/notifications/tool-result", show);
host.on("ui/notifications/tool-cancelled", () => {
  if (answered) return;
  answered = true;
  message("The call was stopped. A job that it began goes on; ask for its status to see it.");
});
host.on("ui/notifications/host-context-changed", (context) => {
  dress(context);
  fit();
});
host.on("closed", () => document.querySelectorAll("audio, video").forEach((media) => media.pause()));

new ResizeObserver(fit).observe(document.body);
host
  .request("ui/initialize", {
    appInfo: { name: "flexura", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    protocolVersion: PROTOCOL,
  })
  .then((hello) => {
    host.state.capabilities = isObject(hello.hostCapabilities) ? hello.hostCapabilities : {};
    dress(isObject(hello.hostContext) ? hello.hostContext : {});
    host.tell("ui/notifications/initialized");
    host.state.greeted = true;
    fit();
  })
  .catch((problem) => message("", { message: problem.message, next_step: "The result is in the text of the answer." }));
